/** Entry point of the report panel. */
import { render } from 'preact';
import { connectHost, reportProblems } from './host';
import './style/panel.css';
import { loadFormats } from './text/numbers';
import { registerToolkit } from './toolkit';
import { App } from './views/App';

const host = connectHost();
reportProblems(host.send);
registerToolkit();
const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');
render(<App host={host} />, root);
// While the page waits for its first message.
setTimeout(loadFormats);

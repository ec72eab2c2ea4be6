/** Entry point of the model view. */
import { render } from 'preact';
import type { FromModelPage } from '../../../protocol/model-panel';
import { App } from './App';
import './model.css';

declare function acquireVsCodeApi(): { postMessage(message: FromModelPage): void };

const api = acquireVsCodeApi();
const send = (message: FromModelPage): void => {
  api.postMessage(message);
};
window.addEventListener('error', ({ error, message }) => {
  send({ type: 'problem', message: error instanceof Error ? (error.stack ?? error.message) : message });
});
const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');
render(<App send={send} />, root);

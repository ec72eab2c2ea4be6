/** Entry point of the evaluation view. */
import { render } from 'preact';
import type { FromEvaluationPage } from '../../../protocol/evaluation-panel';
import '../model/model.css';
import { App } from './App';
import './evaluation.css';

declare function acquireVsCodeApi(): { postMessage(message: FromEvaluationPage): void };

const api = acquireVsCodeApi();
const send = (message: FromEvaluationPage): void => {
  api.postMessage(message);
};
window.addEventListener('error', ({ error, message }) => {
  send({ type: 'problem', message: error instanceof Error ? (error.stack ?? error.message) : message });
});
const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');
render(<App send={send} />, root);

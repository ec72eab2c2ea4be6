/** The editor at the other end: messages both ways, and the state that survives a reload. */
import type { FromPanel, PanelMemory, ToPanel } from '../../protocol/panel';
import { messages } from './messages';

interface WebviewApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(memory: PanelMemory): void;
}

declare function acquireVsCodeApi(): WebviewApi;

export interface Host {
  readonly send: (message: FromPanel) => void;
  readonly remember: (memory: PanelMemory) => void;
  /** What was remembered before a reload; null the first time. */
  readonly memory: PanelMemory | null;
  readonly listen: (receive: (message: ToPanel) => void) => () => void;
}

export function connectHost(): Host {
  const api = acquireVsCodeApi();
  const listen = messages(() => {
    api.postMessage({ type: 'ready' });
  });
  const kept = api.getState() as PanelMemory | null | undefined;
  return {
    send: (message) => {
      api.postMessage(message);
    },
    remember: (memory) => {
      api.setState(memory);
    },
    memory: kept?.version === 1 ? kept : null,
    listen,
  };
}

/** Writes what was thrown to the extension's log. */
export function reportProblem(send: Host['send'], thrown: unknown): void {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  send({ type: 'problem', message });
}

/** Does so for whatever throws in the panel. */
export function reportProblems(send: Host['send']): void {
  window.addEventListener('error', (event) => {
    // What an observer changes may change the size of what was observed: that is looked at in the next frame.
    if (event.message.startsWith('ResizeObserver loop')) return;
    reportProblem(send, event.error ?? event.message);
  });
  window.addEventListener('unhandledrejection', (event) => {
    reportProblem(send, event.reason);
  });
}

/** Tells the server that this editor follows analyses by itself, so that it asks for no progress bars in the status bar. */
import type { StaticFeature } from 'vscode-languageclient/node';

export const ownProgress: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.window = { ...capabilities.window, workDoneProgress: false };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

/** Entry point of the language server: IPC under VS Code, `--stdio` or `--socket=PORT` under other editors. */
import { join } from 'node:path';
import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import { serve } from './serve';

serve(createConnection(ProposedFeatures.all), { enginePath: join(__dirname, 'engine.js') });

/** What the server says of documents: which it is told of, and who answers for each. */
import { TextDocumentSyncKind, type Connection, type ServerCapabilities } from 'vscode-languageserver';
import type { TextDocument } from '../language/text-document';
import { Documents } from './documents';
import type { Engines } from './engines';
import { isLens, LensLanguage } from './lens-language';
import type { Trust } from './trust';

export const languageCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Full },
  completionProvider: { triggerCharacters: ['"', ':', '/', '.'] },
  hoverProvider: true,
  codeActionProvider: { codeActionKinds: ['quickfix'] },
  documentLinkProvider: {},
  definitionProvider: true,
} satisfies ServerCapabilities;

export interface Languages {
  /** The workspace is trusted from now on. */
  readonly trusted: () => void;
  readonly dispose: () => void;
}

export function registerLanguages(connection: Connection, engines: Engines, trust: Trust): Languages {
  const lenses = new LensLanguage(connection, engines, trust);
  const documents = new Documents(isLens, {
    changed: (document) => lenses.changed(document),
    closed: (uri) => lenses.closed(uri),
  });
  documents.listen(connection);
  /** What is said of a lens; `nothing` of any other document. */
  const ofLens = <T>(uri: string, say: (document: TextDocument) => T, nothing: T): T => {
    const document = isLens(uri) ? documents.get(uri) : null;
    return document === null ? nothing : say(document);
  };
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    ofLens(uri, async (document) => [...(await lenses.complete(document, position))], Promise.resolve([])),
  );
  connection.onHover(({ textDocument: { uri }, position }) =>
    ofLens(uri, (document) => lenses.hover(document, position), null),
  );
  connection.onCodeAction(({ textDocument: { uri }, range }) =>
    ofLens(uri, (document) => [...lenses.actions(document, range)], []),
  );
  connection.onDocumentLinks(({ textDocument: { uri } }) =>
    ofLens(uri, async (document) => [...(await lenses.links(document))], Promise.resolve([])),
  );
  connection.onDefinition(({ textDocument: { uri }, position }) =>
    ofLens(uri, (document) => lenses.definition(document, position), Promise.resolve(null)),
  );
  return {
    trusted: () => documents.all().forEach((document) => lenses.changed(document)),
    dispose: () => lenses.dispose(),
  };
}

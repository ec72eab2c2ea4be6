/** Language features: which documents the server handles, and which module answers for each. */
import {
  TextDocumentSyncKind,
  type CodeAction,
  type Connection,
  type Hover,
  type ServerCapabilities,
} from 'vscode-languageserver';
import type { FinishedReport } from '../../../protocol/requests';
import type { TextDocument } from '../language/text-document';
import { CheckLanguage, isCheck } from './checks';
import { Documents } from './documents';
import type { Engines } from './engines';
import { commands } from './execute';
import type { WorkspaceFolders } from './folders';
import type { ImageLanguage } from './image-language';
import { LayerHealth } from './layer-health';
import { isLens, LensLanguage } from './lens-language';
import type { Trust } from './trust';

export const languageCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Full },
  completionProvider: { triggerCharacters: ['"', ':', '/', '.'] },
  hoverProvider: true,
  codeActionProvider: { codeActionKinds: ['quickfix', ''] },
  documentLinkProvider: {},
  definitionProvider: true,
  executeCommandProvider: { commands: [...commands] },
} satisfies ServerCapabilities;

export interface Languages {
  /** A report is on disk. */
  readonly analyzed: (finished: FinishedReport) => void;
  /** The workspace has become trusted. */
  readonly trusted: () => void;
  readonly dispose: () => void;
}

/** Texts in which paths of images are looked for; others, such as pictures that an editor takes for text, are not. */
const isText = (uri: string): boolean =>
  /^(?:file|vscode-notebook-cell):/.test(uri) &&
  /\.(?:py|ipynb|[cm]?[jt]sx?|md|markdown|json[cl]?|ya?ml|csv|tsv|txt|toml|rs|lua|el|org|rst)(?:#.*)?$/i.test(
    uri,
  );

export function registerLanguages(
  connection: Connection,
  engines: Engines,
  trust: Trust,
  images: ImageLanguage,
  folders: WorkspaceFolders,
): Languages {
  const health = new LayerHealth(connection, folders, (uri) => {
    const document = isLens(uri) ? documents.get(uri) : null;
    if (document !== null) lenses.renew(document);
    return document !== null;
  });
  const lenses = new LensLanguage(connection, engines, trust, (uri) => health.of(uri));
  const checks = new CheckLanguage(connection);
  const documents = new Documents((uri) => isLens(uri) || isText(uri), {
    changed: (document) => {
      if (isLens(document.uri)) lenses.changed(document);
      else if (isCheck(document.uri)) checks.changed(document);
    },
    closed: (uri) => {
      if (isLens(uri)) lenses.closed(uri);
      else if (isCheck(uri)) checks.closed(uri);
    },
  });
  documents.listen(connection);
  answerQuestions(connection, documents, { lenses, checks, images });
  return {
    analyzed: (finished) => {
      images.remember(finished);
      health.examine(finished.report);
    },
    trusted: () =>
      documents
        .all()
        .filter(({ uri }) => isLens(uri))
        .forEach((document) => lenses.changed(document)),
    dispose: () => lenses.dispose(),
  };
}

interface Modules {
  readonly lenses: LensLanguage;
  readonly checks: CheckLanguage;
  readonly images: ImageLanguage;
}

type Answer<T> = (document: TextDocument) => T | Promise<T>;

/** By what the document is. */
interface Answers<T> {
  readonly lens: Answer<T | null>;
  readonly check?: Answer<T | null>;
  readonly text?: Answer<T | null>;
}

/** Registers the module that answers for each document. */
function answerQuestions(
  connection: Connection,
  documents: Documents,
  { lenses, checks, images }: Modules,
): void {
  /** The answer for a lens, a test file or another text; null for documents that are not open. */
  const of = <T>(uri: string, answers: Answers<T>): T | null | Promise<T | null> => {
    const document = documents.get(uri);
    if (document === null) return null;
    const { lens, check = () => null, text = () => null } = answers;
    return isLens(uri) ? lens(document) : isCheck(uri) ? check(document) : text(document);
  };
  connection.onCompletion(({ textDocument: { uri }, position }) =>
    of(uri, {
      lens: async (document) => [...(await lenses.complete(document, position))],
      check: async (document) => [...(await checks.complete(document, position))],
    }),
  );
  connection.onHover(({ textDocument: { uri }, position }) =>
    of<Hover | null>(uri, {
      lens: (document) => lenses.hover(document, position),
      check: (document) => checks.hover(document, position),
      text: (document) => images.hover(document, position),
    }),
  );
  connection.onCodeAction(({ textDocument: { uri }, range }) =>
    of<CodeAction[]>(uri, {
      lens: (document) => [...lenses.actions(document, range)],
      check: (document) => [...checks.actions(document, range)],
      text: async (document) => [...(await images.actions(document, range))],
    }),
  );
  connection.onDocumentLinks(({ textDocument: { uri } }) =>
    of(uri, { lens: async (document) => [...(await lenses.links(document))] }),
  );
  connection.onDefinition(({ textDocument: { uri }, position }) =>
    of(uri, { lens: (document) => lenses.definition(document, position) }),
  );
}

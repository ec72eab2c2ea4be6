/** The documents that an editor has open, of the kinds that the server has something to say about. */
import { fileURLToPath } from 'node:url';
import type { Connection, TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from '../language/text-document';

export interface DocumentListener {
  /** It was opened, or is another than before. */
  readonly changed: (document: TextDocument) => void;
  readonly closed: (uri: string) => void;
}

/** Longer ones are data, or pictures that an editor took for text. */
const MOST_CHARACTERS = 2_000_000;

/**
 * @param wanted whether a document is of interest; others, such as pictures that an editor opens as text, are
 * ignored
 */
export class Documents {
  private readonly open = new Map<string, TextDocument>();

  constructor(
    private readonly wanted: (uri: string, languageId: string) => boolean,
    private readonly listener: DocumentListener,
  ) {}

  get(uri: string): TextDocument | null {
    return this.open.get(uri) ?? null;
  }

  all(): readonly TextDocument[] {
    return [...this.open.values()];
  }

  listen(connection: Connection): void {
    connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
      if (this.wanted(uri, languageId)) this.set(new TextDocument(uri, languageId, version, text));
    });
    connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
      const known = this.open.get(uri);
      const text = contentChanges.findLast(isWhole)?.text;
      if (known !== undefined && text !== undefined)
        this.set(new TextDocument(uri, known.languageId, version, text));
    });
    connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
      if (this.open.delete(uri)) this.listener.closed(uri);
    });
  }

  private set(document: TextDocument): void {
    if (document.text.length > MOST_CHARACTERS) return;
    this.open.set(document.uri, document);
    this.listener.changed(document);
  }
}

/** The server asks for whole texts. */
const isWhole = (change: TextDocumentContentChangeEvent): boolean => !('range' in change);

/** Null for anything but a file on this machine. */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/** A text as an editor has it: positions count lines and UTF-16 code units from 0, offsets UTF-16 code units. */
import type { Position, Range } from 'vscode-languageserver';

export class TextDocument {
  /** Offset at which each line begins. */
  private readonly starts: readonly number[];

  constructor(
    readonly uri: string,
    readonly languageId: string,
    readonly version: number,
    readonly text: string,
  ) {
    this.starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map(({ index, 0: end }) => index + end.length)];
  }

  get lineCount(): number {
    return this.starts.length;
  }

  /** Positions outside the text are clamped to it. */
  offsetAt({ line, character }: Position): number {
    if (line >= this.starts.length) return this.text.length;
    const start = this.starts[Math.max(line, 0)] ?? 0;
    return Math.min(start + Math.max(character, 0), this.starts[line + 1] ?? this.text.length);
  }

  positionAt(offset: number): Position {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: Math.max(offset, 0) - (this.starts[low] ?? 0) };
  }

  rangeOf(offset: number, length: number): Range {
    return { start: this.positionAt(offset), end: this.positionAt(offset + length) };
  }

  /** Without its line break; empty for a line that does not exist. */
  lineAt(line: number): string {
    return this.text
      .slice(this.starts[line] ?? this.text.length, this.starts[line + 1])
      .replace(/[\r\n]+$/, '');
  }
}

/**
 * The part of YAML that Paddle's tools write: block mappings and sequences, lists and mappings in brackets, plain and quoted scalars, comments. Anchors,
 * tags and block texts are not read. Nothing recurses further than MOST_DEPTH, and nothing is expanded.
 */

import type { YamlMap, YamlValue } from './yaml-flow';
import { NotRead, readFlow } from './yaml-flow';

export type { YamlMap, YamlValue };

const MOST_DEPTH = 16;
const MOST_LINES = 100_000;

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** @param section a key of the outermost mapping @returns its value; undefined where it is not there, or not of this part of YAML */
export function yamlSection(text: string, section: string): YamlValue | undefined {
  const lines = linesOf(text);
  const at = lines.findIndex((line) => line.indent === 0 && line.text === `${section}:`);
  const isFlow = lines[0]?.text.startsWith('{') === true;
  if ((at < 0 && !isFlow) || lines.length > MOST_LINES) return undefined;
  const behind = lines.findIndex((line, i) => i > at && line.indent === 0 && !line.text.startsWith('- '));
  try {
    if (isFlow) return flowSection(lines, section);
    return new Reader(lines.slice(at + 1, behind < 0 ? undefined : behind)).block(0, 0);
  } catch (thrown) {
    if (thrown instanceof NotRead) return undefined;
    throw thrown;
  }
}

/** Of a text that is one mapping in brackets. */
function flowSection(lines: readonly Line[], section: string): YamlValue | undefined {
  const whole = readFlow(lines.map(({ text }) => text).join(' '));
  return Object.hasOwn(whole as object, section) ? (whole as YamlMap)[section] : undefined;
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => ({ indent: line.length - line.trimStart().length, text: withoutComment(line).trim() }))
    .filter(({ text: rest }) => rest !== '' && rest !== '---');

/** A `#` after a space, outside quotes, begins a comment. */
function withoutComment(line: string): string {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i] ?? '';
    if (quote !== '') quote = c === quote ? '' : quote;
    else if ((c === '"' || c === "'") && /[\s[,:-]/.test(line[i - 1] ?? ' ')) quote = c;
    else if (c === '#' && (i === 0 || /\s/.test(line[i - 1] ?? ''))) return line.slice(0, i);
  }
  return line;
}

/** Of a mapping's line: the key, and what comes after it. */
const KEY = /^("[^"]*"|'[^']*'|[^\s"'[\]{}&*!|>#,][^:]*):(?:\s+(.*))?$/;

class Reader {
  private at = 0;

  constructor(private readonly lines: Line[]) {}

  /** What begins at the next line, which is indented by at least `least`. */
  block(least: number, depth: number): YamlValue {
    if (depth > MOST_DEPTH) throw new NotRead();
    const line = this.lines[this.at];
    if (line === undefined || line.indent < least) return null;
    if (isItem(line.text)) return this.sequence(line.indent, depth);
    if (KEY.test(line.text)) return this.mapping(line.indent, depth);
    this.at += 1;
    return this.scalar(line.text, line.indent);
  }

  private sequence(indent: number, depth: number): YamlValue {
    const items: YamlValue[] = [];
    for (
      let line = this.lines[this.at];
      line?.indent === indent && isItem(line.text);
      line = this.lines[this.at]
    ) {
      const rest = line.text.slice(1).trimStart();
      const inner = indent + line.text.length - rest.length;
      if (rest === '') {
        this.at += 1;
        items.push(this.block(indent + 1, depth + 1));
      } else if (KEY.test(rest) || isItem(rest)) {
        // What begins after the dash is a block of its own, indented by where it begins.
        this.lines[this.at] = { indent: inner, text: rest };
        items.push(this.block(inner, depth + 1));
      } else {
        this.at += 1;
        items.push(this.scalar(rest, indent));
      }
    }
    return items;
  }

  private mapping(indent: number, depth: number): YamlValue {
    const entries: (readonly [string, YamlValue])[] = [];
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const [, key = '', rest = ''] = KEY.exec(line.text) ?? [];
      if (key === '') break;
      this.at += 1;
      const next = this.lines[this.at];
      // A sequence may be indented as deeply as its key.
      const inside =
        next !== undefined && (next.indent > indent || (next.indent === indent && isItem(next.text)));
      const value = rest === '' ? (inside ? this.block(indent, depth + 1) : null) : this.scalar(rest, indent);
      entries.push([key.replace(/^(["'])(.*)\1$/, '$2'), value]);
    }
    return Object.fromEntries(entries);
  }

  /** With the lines that continue it, which are indented deeper. */
  private scalar(first: string, indent: number): YamlValue {
    let text = first;
    for (
      let line = this.lines[this.at];
      line !== undefined && line.indent > indent;
      line = this.lines[this.at]
    ) {
      text += ` ${line.text}`;
      this.at += 1;
    }
    return readFlow(text);
  }
}

const isItem = (text: string): boolean => text === '-' || text.startsWith('- ');

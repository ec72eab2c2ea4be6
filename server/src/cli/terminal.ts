/** Progress and messages on standard error: one updating line on a terminal, plain lines elsewhere. */
import type { Progress } from '../../../protocol/analysis';
import type { LensError } from '../errors';
import { oneLine, printableStack } from '../printable';
import { fixFor } from './remedies';

const BAR_WIDTH = 24;

export class Terminal {
  private lastStep = '';
  private lastMessage = '';
  private drawn = false;
  private readonly moving: boolean;

  constructor(
    private readonly quiet: boolean,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {
    this.moving = stream.isTTY && process.env['TERM'] !== 'dumb';
  }

  progress(image: string, { step, fraction, message }: Progress): void {
    if (this.quiet) return;
    if (this.moving) {
      this.bar(fraction, `${image}: ${message}`);
    } else if (step !== this.lastStep || (step === 'model' && message !== this.lastMessage)) {
      // One line per step, and one per stage of preparing a network, of which there are few; drawing would
      // name every layer.
      this.stream.write(`${oneLine(`${image}: ${message}`)}\n`);
      this.lastStep = step;
      this.lastMessage = message;
    }
  }

  /** Several images: the line moves with each step. */
  batch(share: number, text: string): void {
    if (!this.quiet && this.moving) this.bar(share, text);
  }

  /** Several images: a line for each that is done, where no line can move. */
  step(text: string): void {
    if (!this.quiet && !this.moving) this.write(text);
  }

  /** Bytes moved so far; only on a terminal, since lines of numbers are of no use in a log. */
  transfer(what: string, done: number, total: number | null): void {
    if (this.quiet || !this.moving) return;
    const fraction = total === null || total === 0 ? 0 : done / total;
    this.bar(fraction, `${what}: ${(done / 1e6).toFixed(1)} MB`);
  }

  /** A line that stays, above the moving one. */
  note(text: string): void {
    if (!this.quiet) this.write(text);
  }

  /** Several lines that stay, each made of text for one line. */
  lines(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.note(line);
  }

  /** Shown even when quiet. */
  failure(what: string | null, error: LensError): void {
    const prefix = what === null || error.message.includes(what) ? '' : `${what}: `;
    this.write(`error: ${prefix}${error.message}`);
    const fix = fixFor(error);
    if (fix !== undefined) this.write(`  ${fix}`);
    if (error.kind !== 'cancelled') this.write(`  code: ${error.code}`);
  }

  /** The stack of a bug of ours, to be included when it is reported. */
  trace(cause: Error): void {
    this.clear();
    this.stream.write(`${printableStack(cause)}\n`);
  }

  /** Removes the moving line. */
  clear(): void {
    if (this.drawn) this.stream.write('\r\x1b[2K');
    this.drawn = false;
    this.lastStep = '';
  }

  private bar(fraction: number, text: string): void {
    const full = Math.round(fraction * BAR_WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    const line = `${bar} ${String(Math.round(fraction * 100)).padStart(3)}%  ${text}`;
    this.stream.write(`\r\x1b[2K${clip(line, (this.stream.columns || 80) - 1)}`);
    this.drawn = true;
  }

  /** One line, whatever is in it: a name must not look like a message of its own. */
  private write(text: string): void {
    this.clear();
    this.stream.write(`${oneLine(text)}\n`);
  }
}

const clip = (text: string, columns: number): string => {
  const clean = oneLine(text);
  return clean.length <= columns ? clean : `${clean.slice(0, Math.max(columns - 1, 0))}…`;
};

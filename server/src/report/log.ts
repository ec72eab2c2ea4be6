/** The lines of process.log: when it happened in local time, level, message, one line each whatever names it holds. */
import { oneLine } from '../printable';
import { now, timestamp } from './process-id';

export type LogLevel = 'INFO' | 'WARNING' | 'ERROR';

/** Kept in memory until the report is complete: a report that fails leaves no folder to hold a log. */
export class ProcessLog {
  private readonly lines: string[] = [];

  /** `onLine` sees each line as it comes, for a terminal or an output channel. */
  constructor(private readonly onLine?: (line: string) => void) {}

  add(level: LogLevel, message: string, at: number = now()): void {
    const line = `${timestamp(at)} ${level} ${oneLine(message)}`;
    this.lines.push(line);
    this.onLine?.(line);
  }

  text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}

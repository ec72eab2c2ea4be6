/** A new text file, written piece by piece. What the disk refuses is thrown where it is written; a stream's event might find nobody who listens. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

const MOST_HELD = 1 << 16;

export class TextFile {
  private held: string[] = [];
  private length = 0;

  private constructor(private readonly file: FileHandle) {}

  /** @param flags as of `open`; by default the file must not be there */
  static async create(path: string, flags = 'wx'): Promise<TextFile> {
    return new TextFile(await open(path, flags));
  }

  async write(text: string): Promise<void> {
    this.held.push(text);
    this.length += text.length;
    if (this.length >= MOST_HELD) await this.flush();
  }

  /** Writes what is held, and closes. */
  async finish(): Promise<void> {
    await this.flush();
    await this.file.close();
  }

  /** Closes it as it is, after a failure. */
  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }

  private async flush(): Promise<void> {
    const text = this.held.join('');
    [this.held, this.length] = [[], 0];
    await this.file.appendFile(text);
  }
}

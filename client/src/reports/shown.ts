/**
 * Reports in view, of this window and of the others that share its storage: none of them is deleted unasked. Each window keeps its own
 * in a file that is named after its process; that of a window which is gone no longer counts.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WebviewPanel } from 'vscode';

type View = Pick<WebviewPanel, 'reveal'>;

export class ShownReports {
  private readonly folders = new Map<View, string>();
  private writing: Promise<void> = Promise.resolve();

  /** @param place folder that the windows share; @param pid of this one's process */
  constructor(
    private readonly place: string,
    private readonly pid: number,
  ) {}

  /** A view comes to show a report. @param folder of it */
  show(view: View, folder: string): void {
    if (this.folders.get(view) === folder) return;
    this.folders.set(view, folder);
    this.publish();
  }

  hide(view: View): void {
    if (this.folders.delete(view)) this.publish();
  }

  /** Of this window; undefined where it does not show the report. */
  viewOf(folder: string): View | undefined {
    return [...this.folders].find(([, shown]) => shown === folder)?.[0];
  }

  /** Report folders in any window. */
  async everywhere(): Promise<readonly string[]> {
    await this.writing;
    const names = await readdir(this.place).catch((): string[] => []);
    const others = names.map(Number).filter((pid) => Number.isInteger(pid) && pid !== this.pid);
    return [...this.folders.values(), ...(await Promise.all(others.map((pid) => this.of(pid)))).flat()];
  }

  private async of(pid: number): Promise<readonly string[]> {
    const file = join(this.place, String(pid));
    if (!isAlive(pid)) {
      await rm(file, { force: true });
      return [];
    }
    const text = await readFile(file, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** Where it cannot be written, other windows do not know of this one: they ask before they delete what is listed. */
  private publish(): void {
    this.writing = this.writing.then(async () => {
      await mkdir(this.place, { recursive: true });
      await writeFile(join(this.place, String(this.pid)), [...this.folders.values()].join('\n'));
    });
    this.writing = this.writing.catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Of somebody else, and so alive.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Reports in view, of this window and of the others that share its storage: none of them is deleted unasked. Each window keeps its own
 * in a file that is named after its process; that of a window which is gone no longer counts.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WebviewPanel } from 'vscode';
import { ownedName, ownerInName, stateOf, type Owner } from '../../../files/owner';

type View = Pick<WebviewPanel, 'reveal'>;

export class ShownReports {
  private readonly folders = new Map<View, string>();
  private writing: Promise<void> = Promise.resolve();

  private readonly name: string;

  /** @param place folder that the windows share; @param owner of what this one writes there */
  constructor(
    private readonly place: string,
    owner: Owner,
  ) {
    this.name = ownedName('', owner);
  }

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
    const others = names.filter((name) => name !== this.name);
    return [...this.folders.values(), ...(await Promise.all(others.map((name) => this.of(name)))).flat()];
  }

  private async of(name: string): Promise<readonly string[]> {
    const owner = ownerInName(name);
    if (owner === null) return [];
    const file = join(this.place, name);
    if (stateOf(owner) === 'dead') {
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
      await writeFile(join(this.place, this.name), [...this.folders.values()].join('\n'));
    });
    this.writing = this.writing.catch(() => undefined);
  }
}

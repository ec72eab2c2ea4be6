/**
 * A report names an image and weights, and its location decides where reports made from it are written. When
 * asked for another target or for a layer's details, the server reads that image and those weights: in a
 * trusted workspace for any report; in an untrusted one only for reports that this server wrote itself, whose
 * image and weights the user chose. Editors without workspace trust count as trusting.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { REPORT_FILE, readReportBytes, readReportFolder } from '../../../files/report-folder';
import { fromFailure } from '../engine/failure';
import { LensError } from '../errors';

export class Trust {
  private trusted = true;
  /** Of reports that were written while the workspace was not trusted: folder to sha256 of report.json. */
  private readonly written = new Map<string, string>();

  /** @param options `initializationOptions`: `trusted` is false where the workspace is not; true where nothing is said */
  begin(options: unknown): void {
    if (options !== null && typeof options === 'object' && 'trusted' in options)
      this.trusted = options.trusted === true;
  }

  get isTrusted(): boolean {
    return this.trusted;
  }

  grant(): void {
    this.trusted = true;
    this.written.clear();
  }

  /** Call with every report that was written. */
  async remember(folder: string): Promise<void> {
    if (this.trusted) return;
    const hash = await hashOf(folder);
    if (hash !== null) this.written.set(folder, hash);
  }

  /** @throws LensError of kind `usage` where what the report names is not to be read */
  async require(folder: string): Promise<void> {
    if (this.trusted) return;
    const known = this.written.get(folder);
    if (known !== undefined && known === (await hashOf(folder))) return;
    const read = await readReportFolder(folder);
    if (!read.ok) throw fromFailure(read.failure);
    const { input, model, options } = read.value;
    throw new LensError(
      'usage',
      `The workspace is not trusted, so what ${join(folder, REPORT_FILE)} names is not read: the image ${input.path} and the weights ${options?.weights ?? model.path ?? model.name}.`,
      {
        code: 'untrusted',
        fix: 'Trust the workspace, or analyze the image itself.',
        remedies: ['trust-workspace'],
      },
    );
  }
}

async function hashOf(folder: string): Promise<string | null> {
  const bytes = await readReportBytes(folder);
  return bytes.ok ? createHash('sha256').update(bytes.value).digest('hex') : null;
}

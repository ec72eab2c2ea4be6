/** One test file for the editor: judged as the command line judges it, and nothing is left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FinishedCheck } from '../../../../protocol/checks';
import type { AnalysisOptions } from '../../../../protocol/options';
import type { Workbench } from '../../pipeline/workbench/workbench';
import type { SetHooks } from '../evaluate-set';
import { readCheck } from './read-check';
import { runCheck } from './run-check';

/**
 * @param options with neither weights nor lens: the file says which
 * @throws LensError
 */
export async function checkFile(
  { path, options }: { readonly path: string; readonly options: AnalysisOptions },
  bench: Workbench,
  { signal, moved }: SetHooks,
): Promise<FinishedCheck> {
  const check = await readCheck(path);
  const notes: string[] = [];
  let [all, done] = [0, 0];
  const reportProgress = (): void => moved?.(`${done} of ${all} pictures`, done, all);
  const hooks = {
    ...(signal === undefined ? {} : { signal }),
    note: (text: string) => void notes.push(text),
    begin: (total: number, before: number) => {
      [all, done] = [total, before];
      reportProgress();
    },
    row: (_: unknown, isLast: boolean) => {
      if (isLast) done += 1;
      reportProgress();
    },
  };
  const report = await inTemporaryFolder((output) =>
    runCheck(check, { set: null, masks: null, options, output, allowHuge: false }, bench, hooks),
  );
  return { ...report, notes };
}

/** A folder that is there while the work is under way. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'inference-lens-check-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `run.json`: where an evaluation was made and with which options, for opening its pictures again. The table does not depend on it. */
import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { readFileBelow } from '../../../files/regular-file';
import type { EvaluationPlace } from '../../../protocol/evaluation';
import type { AnalysisOptions } from '../../../protocol/options';
import type { PictureSet } from './labels/entry';
import { FILES } from './place';

const MOST_BYTES = 2 ** 20;

/** Leaves out the output folder, so that merged shards equal one machine's. */
export function placeOf({ source, root }: PictureSet, options: AnalysisOptions): EvaluationPlace {
  const rest = Object.entries(options).filter(([name]) => name !== 'output' && name !== 'ffmpeg');
  return { source, root, options: Object.fromEntries(rest) };
}

export const writePlace = (folder: string, place: EvaluationPlace): Promise<void> =>
  writeFile(join(folder, FILES.run), `${JSON.stringify(place)}\n`);

/** Null if none can be read. */
export async function readPlace(folder: string): Promise<EvaluationPlace | null> {
  try {
    const text = (await readFileBelow(folder, FILES.run, MOST_BYTES)).toString('utf8');
    const { source, root, options } = (JSON.parse(text) as Partial<EvaluationPlace> | null) ?? {};
    const isWhole = typeof options === 'object' && isPath(source) && isPath(root);
    if (!isWhole) return null;
    // Which program runs is this machine's choice, whoever wrote the file.
    const rest = Object.entries(options).filter(([name]) => name !== 'ffmpeg');
    return { source, root, options: Object.fromEntries(rest) };
  } catch {
    return null;
  }
}

const isPath = (text: unknown): text is string => typeof text === 'string' && isAbsolute(text);

/** The files beside a model as a lens for its copy in the store, which has no files beside it. */
import { mainFile } from '../checkpoints/shards';
import { readOwnLens } from '../lens/lens-file';
import { NEVER_TRUSTED } from '../lens/lens-paths';
import { portableLens } from '../lens/portable-lens';
import { filesBeside, lensPlace } from '../lens/sources/files';
import { LEFT_BESIDE } from '../lens/sources/store';
import type { LensSource } from '../lens/values';
import { metadataIn } from '../store/model-files';

/**
 * Its own lens, else what its writer left. Guesses are left out, so that every analysis says that it guesses.
 * @returns null where nothing is found @throws LensError of kind `usage` for an invalid lens beside it
 */
export async function lensLeftBeside(path: string): Promise<string | null> {
  const main = await mainFile(path);
  const own = await lensPlace(main);
  if (own !== null) return portableLens(await readOwnLens(own), NEVER_TRUSTED);
  const metadata = await metadataIn(main);
  const source = await filesBeside({ path: main, metadata, proved: null }, { trusted: true });
  return source === null ? null : textOf(source);
}

function textOf({ values }: LensSource): string | null {
  const {
    labels,
    preprocess,
    'input.size': size,
    'output.activation': activation,
    'output.threshold': threshold,
  } = values;
  const given = [labels, preprocess, size, activation, threshold].filter((value) => value !== undefined);
  const known = given.filter(({ others = [] }) => others.length === 0);
  if (known.length === 0) return null;
  const sure = <T>(
    value: { readonly value: T; readonly others?: readonly string[] } | undefined,
  ): T | undefined => (value === undefined || (value.others ?? []).length > 0 ? undefined : value.value);
  const output = { activation: sure(activation), threshold: sure(threshold) };
  const lens = {
    ...{ labels: sure(labels), preprocess: sure(preprocess) },
    ...(sure(size) === undefined ? {} : { input: { size: sure(size) } }),
    ...(output.activation === undefined && output.threshold === undefined ? {} : { output }),
  };
  const from = [...new Set(known.map(({ detail }) => detail))].map(
    (detail) => `// ${detail.replace(/\s+/g, ' ')}\n`,
  );
  return `${LEFT_BESIDE}\n${from.join('')}${JSON.stringify(lens, null, 2)}\n`;
}

/** The text of a test file (`*.check.json`): JSON with comments that fits its schema. */
import { basename } from 'node:path';
import type { CheckFile } from '../../../../protocol/expect';
import { LENS_SUFFIX } from '../../../../protocol/lens';
import { checkFileSchema } from '../../lens/expect-schema';
import { senselessBounds } from '../../lens/expect-bounds';
import { readText } from '../../lens/lens-file';
import type { ParsedLens, TextKind } from '../../lens/parse';
import { parseText } from '../../lens/parse';

const CHECK: TextKind = {
  name: 'a test file',
  shorter: 'Divide its expectations over several test files.',
};

/** A lens may have expectations too. */
export const isLensFile = (file: string): boolean => basename(file).endsWith(LENS_SUFFIX);

/** @throws LensError of kind `usage` with every problem's line and column */
export function checkOf(
  text: string,
  file: string,
): { readonly value: CheckFile; readonly placeOf: ParsedLens['at'] } {
  const { value, placeOf } = parseText(text, file, checkFileSchema, CHECK, (checked) =>
    senselessBounds((checked as CheckFile).expect),
  );
  return { value: value as CheckFile, placeOf };
}

/** The text of a test file, or of a lens. @throws LensError of kind `usage` that names the file */
export const readCheckText = (file: string): Promise<string> =>
  isLensFile(file) ? readText(file) : readText(file, false, CHECK.name);

/** package.json as an editor in English shows it: every `%key%` replaced by its text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cli';

/** @returns what it is taken for, unchecked: the file is our own */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export const readManifest = <Manifest>(): Manifest => {
  const texts = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
  const replaced = (_: string, value: unknown): unknown => {
    const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
    return key === undefined ? value : texts[key];
  };
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'), replaced) as Manifest;
};

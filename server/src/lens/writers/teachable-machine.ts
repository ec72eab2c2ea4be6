/** Teachable Machine's `metadata.json`: labels and the side of its square pictures; values are x / 127.5 - 1. */
import { isSide, jsonObject, numberAt, textAt, textsAt } from './json';
import type { BesideFile, Values } from './writer';
import { prepared } from './writer';

export function fromTeachableMachine(file: BesideFile): Values | null {
  const json = jsonObject(file.text);
  if (json === null || !isItsOwn(textAt(json, 'packageName'), textAt(json, 'tmVersion'))) return null;
  const labels = textsAt(json, 'labels');
  const side = numberAt(json, 'imageSize');
  return {
    // The Python that it exports: ImageOps.fit with LANCZOS; its own web page draws the middle square on a canvas.
    ...prepared(
      [
        { step: 'resize', fit: 'cover', filter: 'lanczos', like: 'pillow' },
        { step: 'rescale', factor: 1 / 127.5, offset: -1 },
      ],
      `Teachable Machine, by ${file.place}: the middle square, Lanczos, values -1 to 1`,
    ),
    ...(labels === null ? {} : { labels: { value: labels, detail: `labels of ${file.place}` } }),
    ...(isSide(side) ? { 'input.size': { value: [side, side], detail: `imageSize of ${file.place}` } } : {}),
  };
}

const isItsOwn = (name: string | null, version: string | null): boolean =>
  name === '@teachablemachine/image' || (name === null && version !== null);

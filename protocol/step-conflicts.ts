/** What a JSON schema cannot say of a step: which of its parameters do not go together. */

export interface Conflict {
  readonly key: string;
  readonly message: string;
}

/** Parameters of one step, each valid by itself. */
export interface Given {
  readonly [key: string]: unknown;
}

/** Combinations that no library offers, and parameters that have to be given because libraries differ. */
export function resizeConflict({
  like = 'pillow',
  filter = 'bilinear',
  fit,
  antialias,
  path,
  fill,
}: Given): Conflict | null {
  if (fill !== undefined && fit !== 'letterbox')
    return { key: 'fill', message: 'no such key, since only "fit": "letterbox" has a margin' };
  const picks = filter === 'nearest' || filter === 'nearest-exact';
  if (filter === 'hamming' && like !== 'pillow')
    return { key: 'filter', message: 'one that the library has: "hamming" is Pillow’s' };
  if (filter === 'nearest-exact' && like !== 'torch')
    return { key: 'filter', message: 'one that the library has: "nearest-exact" is torch’s' };
  if (fit === 'cover' && (like !== 'pillow' || picks))
    return { key: 'fit', message: 'a fit other than "cover", which only Pillow has, and not for "nearest"' };
  if (path !== undefined && like !== 'torch')
    return { key: 'path', message: 'no such key, since only "like": "torch" has two paths' };
  if (like === 'pillow' && filter !== 'nearest' && antialias === false)
    return { key: 'antialias', message: 'true, or no such key: Pillow always antialiases' };
  if (like === 'opencv' && antialias === true)
    return {
      key: 'antialias',
      message: 'false, or no such key: OpenCV never antialiases (its "area" filter averages)',
    };
  if (like !== 'torch') return null;
  if (filter === 'lanczos' || filter === 'area')
    return {
      key: 'filter',
      message: 'one of "nearest", "nearest-exact", "bilinear", "bicubic", which torch has',
    };
  if (picks)
    return antialias === true
      ? { key: 'antialias', message: `false, or no such key: "${filter}" does not antialias` }
      : null;
  return antialias === undefined
    ? { key: 'antialias', message: 'true or false, since torch resizes either way' }
    : null;
}

/** At most one of "size", "fraction" and "border"; with "to": "aspect", "fraction" may be given beside "size". */
export function cropConflict({ size, fraction, border, to }: Given): Conflict | null {
  if (to === 'aspect')
    return border === undefined ? null : { key: 'to', message: '"size", or no such key, beside "border"' };
  const given = Object.entries({ size, fraction, border }).filter(([, value]) => value !== undefined);
  const last = given.at(-1);
  return given.length < 2 || last === undefined
    ? null
    : { key: last[0], message: `no such key beside "${given[0]?.[0] ?? ''}"` };
}

export function padConflict({ to = 'size', size, multiple }: Given): Conflict | null {
  if (to === 'multiple' && multiple === undefined)
    return { key: 'multiple', message: 'a number, since "to" is "multiple"' };
  if (to !== 'multiple' && multiple !== undefined)
    return { key: 'multiple', message: 'no such key, since "to" is not "multiple"' };
  return to !== 'size' && size !== undefined
    ? { key: 'size', message: 'no such key, since "to" is not "size"' }
    : null;
}

export const rescaleConflict = ({ factor }: Given): Conflict | null =>
  factor === 0
    ? { key: 'factor', message: 'a number other than 0, which would leave nothing of the picture' }
    : null;

export const normalizeConflict = ({ mean, std }: Given): Conflict | null =>
  Array.isArray(mean) && Array.isArray(std) && mean.length !== std.length
    ? { key: 'std', message: `${mean.length} numbers, as "mean" has` }
    : null;

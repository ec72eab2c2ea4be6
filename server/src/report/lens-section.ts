/** How the network was fed, read and named, value by value, and who said so: below the reference's sections. */
import type { Report } from '../../../protocol/report';
import { LENS_ORIGIN_TITLES, lensValueText } from '../../../protocol/lens-words';
import { escapeInline as text, escapeLineStart as firstCell } from './escape';

/** Null in reports that do not record it. */
export function lensSection({ lens }: Report): string | null {
  if (lens === undefined) return null;
  const { name, path, values } = lens;
  return [
    '## Lens',
    name === null
      ? 'No lens was named or found: each value is from the first source that states it.\n'
      : `${text(name)}${path === undefined ? '' : ` (${text(path)})`}; each value is from the first source that states it.\n`,
    'Key | Value | From | Where, or why',
    '---|---|---|---',
    ...values.map((value) => {
      const { key, origin, detail, others = [] } = value;
      const why = others.length === 0 ? detail : `${detail}. It could also be ${others.join('; or ')}`;
      return [firstCell(key), ...[lensValueText(value), LENS_ORIGIN_TITLES[origin], why].map(text)].join(
        ' | ',
      );
    }),
  ].join('\n');
}

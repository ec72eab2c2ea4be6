/** Sentences from the phrases of protocol/options.ts and vocabulary.ts. */
import { OPEN_WORD, type OptionRow, type SettingRow } from '../../protocol/option-row';

/** A phrase as a sentence; what begins with code keeps its case. */
export const sentence = (phrase: string): string => `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;

/** Such as `a`, `b` and `c`. */
export function listed(names: readonly string[], and = 'and'): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} ${and} ${last}`;
}

export type DescribedSetting = Pick<
  OptionRow,
  'kind' | 'default' | 'help' | 'more' | 'open' | 'replacedBy'
> & {
  readonly setting: SettingRow;
};

/** What stands in a setting for an option that is left open: of text nothing, of words one of its own. */
export function openValue({ kind, default: otherwise }: DescribedSetting): string | null {
  if (kind.is === 'path') return '';
  if (otherwise !== null) return null;
  return kind.is === 'text' ? '' : kind.is === 'word' ? OPEN_WORD : null;
}

/** Everything that is to be said of a setting, in sentences. */
export function description(row: DescribedSetting): string {
  const { help, more, setting } = row;
  const open = setting.open ?? row.open;
  const value = openValue(row);
  const name = value === '' ? 'Empty' : `\`${value ?? 'null'}\``;
  return [
    ...[help, more, setting.more].filter((phrase) => phrase !== undefined).map(sentence),
    ...(open === undefined ? [] : [`${name} means ${open}.`]),
  ].join(' ');
}

/** A setting's text as a choice, and back: `default` and nothing at all both leave it open. */
import { OPEN_WORD, type OptionRow } from './option-row';
import { EDITOR_SETTINGS, OPTIONS, type SettingName } from './options';

const isWord = (name: SettingName): boolean => {
  const rows: Readonly<Record<string, Pick<OptionRow, 'kind'>>> = { ...OPTIONS, ...EDITOR_SETTINGS };
  return rows[name]?.kind.is === 'word';
};

/** What a setting's text chooses; empty where it leaves the choice open, in whichever way. */
export function chosenIn(name: SettingName, text: string): string {
  const given = text.trim();
  return given === OPEN_WORD && isWord(name) ? '' : given;
}

/** How a choice is written into its setting. @param chosen empty to leave the choice open */
export const writtenAs = (name: SettingName, chosen: string): string =>
  chosen === '' && isWord(name) ? OPEN_WORD : chosen;

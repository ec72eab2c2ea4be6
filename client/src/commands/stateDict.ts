/** Which of the state dicts in a checkpoint is meant: asked where a failure names several. */
import { window } from 'vscode';
import type { Failure } from '../../../protocol/failure';
import { change } from '../settings';
import { t } from '../l10n';

/** The names to choose from; none where that is not what is wrong. */
export const stateDictsIn = ({ remedies = [] }: Failure): readonly string[] =>
  remedies.flatMap((remedy) => (remedy.do === 'choose-state-dict' ? remedy.names : []));

/** Null where the failure names none, or nothing was picked. */
export async function pickStateDict(failure: Failure): Promise<string | null> {
  const names = stateDictsIn(failure);
  return names.length === 0 ? null : pickFrom(names);
}

export async function pickFrom(names: readonly string[]): Promise<string | null> {
  const options = { title: t('State Dict'), placeHolder: t('Which weights in the file should be read?') };
  return (await window.showQuickPick([...names], options)) ?? null;
}

/** Picks one and makes it the setting. @returns whether one was picked */
export async function chooseStateDict(failure: Failure | null): Promise<boolean> {
  const name = failure === null ? null : await pickStateDict(failure);
  if (name !== null) await change('stateDict', name);
  return name !== null;
}

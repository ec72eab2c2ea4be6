/** From a click on a class to its heatmap, in the report that is shown: once its maps have to be computed, once they were computed ahead. */
import type { Page } from 'playwright-core';
import { menuEntry, wholeReport } from '../../test/e2e/extension/session';
import { runCommand } from '../../test/e2e/vscode/actions';
import { clickEntry, untilChanged, webview } from './moments';

/** What the choice is called that stands for whichever class is predicted. */
const PREDICTED = 'predicted';

/** Milliseconds in which what is computed ahead is there: its quiet time, and the longest run that is repeated. */
const AHEAD_MS = 6000;

/** Changes to a class whose maps no analysis of the picture has computed on request: neither the checked one, nor what "predicted" stands for. */
export async function otherTarget(page: Page): Promise<number> {
  const frame = await webview(page);
  const classes = frame.getByRole('radiogroup', { name: 'Target class' });
  const checked = await classes.getByRole('radio', { checked: true }).innerText();
  const explained = checked === PREDICTED ? await frame.locator('.verdict-label').innerText() : checked;
  const names = await classes.getByRole('radio').allInnerTexts();
  const other = names.find((name) => name !== explained && name !== PREDICTED);
  if (other === undefined) throw new Error(`No other class than ${explained}: ${names.join(', ')}.`);
  const choice = classes.getByRole('radio', { name: other, exact: true });
  const took = await untilChanged(frame, `for “${other}”`, () => choice.click());
  await wholeReport(frame);
  return took;
}

/** In a window of its own setting: of each picture but the first, with which everything starts, the change of target after a while. */
export async function targetsLater(page: Page, pictures: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const [index, name] of pictures.entries()) {
    await clickEntry(page, name, menuEntry);
    await wholeReport(await webview(page));
    await page.waitForTimeout(AHEAD_MS);
    const took = await otherTarget(page);
    if (index > 0) times.push(took);
    await runCommand(page, 'View: Close All Editors');
  }
  return times;
}

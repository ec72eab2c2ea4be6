/** `npm run bench editor`: from right-click to panel in a real VS Code, engine not started and then warm. */
import { join } from 'node:path';
import { panelFrame, explorerMenu } from '../test/e2e/vscode/actions';
import { analysisLimit, menuEntry, openSession, wholeReport } from '../test/e2e/extension/session';
import { describeMachine } from './machine';
import { table } from './table';

const RUNS = 3;

interface Times {
  /** Input, face and verdict are in view. */
  readonly first: number[];
  /** Every heatmap is. */
  readonly whole: number[];
}

async function main(): Promise<void> {
  const cold: Times = { first: [], whole: [] };
  const warm: Times = { first: [], whole: [] };
  const files = Array.from({ length: RUNS + 1 }, (_, index) => join(`image-${index}.png`));
  const sources = Object.fromEntries(files.map((name) => [name, 'samples/portrait.png']));
  for (let window = 0; window < RUNS; window++) {
    const { page, close } = await openSession({ version: '1.139', files, sources });
    try {
      for (const [index, name] of files.slice(0, 2).entries()) {
        const start = performance.now();
        await explorerMenu(page, name, menuEntry);
        const frame = await panelFrame(page);
        await frame.locator('.verdict').first().waitFor({ timeout: analysisLimit });
        const times = index === 0 ? cold : warm;
        times.first.push((performance.now() - start) / 1000);
        await wholeReport(frame);
        times.whole.push((performance.now() - start) / 1000);
        await page.keyboard.press('Control+w');
      }
    } finally {
      await close();
    }
  }
  console.log(`${describeMachine()}, VS Code 1.139 in Chromium on the same machine\n`);
  const rows = [
    { name: 'engine not started: first results', values: cold.first },
    { name: 'engine not started: whole report', values: cold.whole },
    { name: 'warm: first results', values: warm.first },
    { name: 'warm: whole report', values: warm.whole },
  ];
  console.log(table('right-click to panel, the menu included', 's', rows));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

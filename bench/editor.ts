/** `npm run bench editor`: from right-click to panel in a real VS Code, engine not started and then warm. */
import { panelFrame, explorerMenu } from '../test/e2e/vscode/actions';
import { analysisLimit, menuEntry, openSession, wholeReport } from '../test/e2e/extension/session';
import { main, readEffort } from './script';
import { table } from './table';

interface Times {
  /** Input, face and wavelet are in view. */
  readonly first: number[];
  /** The verdict and every layer's numbers are. */
  readonly verdict: number[];
  /** Every heatmap is. */
  readonly whole: number[];
}

async function measure(): Promise<string> {
  const { repeats } = readEffort(3);
  const cold: Times = { first: [], verdict: [], whole: [] };
  const warm: Times = { first: [], verdict: [], whole: [] };
  const files = ['image-0.png', 'image-1.png'];
  const sources = Object.fromEntries(files.map((name) => [name, 'samples/portrait.png']));
  for (let window = 0; window < repeats; window++) {
    const { page, close } = await openSession({ version: '1.139', files, sources });
    try {
      for (const [index, name] of files.entries()) {
        const start = performance.now();
        await explorerMenu(page, name, menuEntry);
        const frame = await panelFrame(page);
        const times = index === 0 ? cold : warm;
        await frame.getByAltText(/^After the wavelet/).waitFor({ timeout: analysisLimit });
        times.first.push((performance.now() - start) / 1000);
        await frame.locator('.verdict-label').waitFor({ timeout: analysisLimit });
        times.verdict.push((performance.now() - start) / 1000);
        await wholeReport(frame);
        times.whole.push((performance.now() - start) / 1000);
        await page.keyboard.press('Control+w');
      }
    } finally {
      await close();
    }
  }
  const rows = [
    { name: 'engine not started: first results', values: cold.first },
    { name: 'engine not started: verdict and layers', values: cold.verdict },
    { name: 'engine not started: whole report', values: cold.whole },
    { name: 'warm: first results', values: warm.first },
    { name: 'warm: verdict and layers', values: warm.verdict },
    { name: 'warm: whole report', values: warm.whole },
  ];
  const note =
    'VS Code 1.139 in Chromium on the same machine; if the cache has none yet, the first window also makes the explain graph.';
  return `${table('right-click to panel, the menu included', 's', rows)}\n\n${note}`;
}

main(measure);

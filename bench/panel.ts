/** `npm run bench panel`: opening and scrolling a report of 3,000 layers in Chromium, from the built panel. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFixture } from '../test/e2e/panel/fixture';
import { openPanel, sent } from '../test/e2e/panel/page';
import { startChromium } from '../test/e2e/vscode/launch';
import { main, readEffort } from './script';
import { table } from './table';
import { MANY_LAYERS, withManyLayers } from './workbench/large-report';
import { opening, scrolling } from './workbench/painting';

async function measure(): Promise<string> {
  const { repeats } = readEffort(5);
  const folder = await mkdtemp(join(tmpdir(), 'lens-panel-'));
  const few = await writeFixture(folder);
  const report = withManyLayers(few);
  const maps = await readFile(join(folder, report.mapsFile));
  const browser = await startChromium();
  const [open, small, longest, mean]: number[][] = [[], [], [], []];
  let rows = 0;
  try {
    for (let run = 0; run < repeats; run++) {
      for (const [shown, times] of [
        [few, small],
        [report, open],
      ] as const) {
        const panel = await openPanel(browser, { theme: 'dark', width: 1440, height: 900, folder });
        const message = sent({ type: 'report', folder, base: panel.base, report: shown, stale: [] });
        times?.push(
          await panel.page.evaluate<number>(opening(message, 'tr.layer', '.frame', '.verdict-label')),
        );
        await panel.giveMaps(maps);
        await panel.page.locator('.layer-canvas').waitFor();
        if (shown === report) {
          const seen = await panel.page.evaluate<readonly [number, number, number]>(scrolling('tr.layer'));
          longest?.push(seen[0]);
          mean?.push(seen[1]);
          rows = Math.max(rows, seen[2]);
        }
        await panel.close();
      }
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
  const samples = [
    { name: `open ${few.layers.length} layers`, values: small ?? [] },
    { name: `open ${MANY_LAYERS} layers`, values: open ?? [] },
    { name: 'scroll: mean time of a frame', values: mean ?? [] },
    { name: 'scroll: longest frame', values: longest ?? [] },
  ];
  return `${table('the report is sent, until verdict, strip and rows are painted', 'ms', samples)}\n\nAt most ${rows} rows of ${MANY_LAYERS} are in the page.`;
}

main(measure);

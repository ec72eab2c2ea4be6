/** axe-core finds nothing in any theme and state, in shadow trees too; what a reader does with the keyboard alone. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Report } from '../../../protocol/report';
import { startChromium } from '../vscode/launch';
import { screenshot } from '../vscode/screenshot';
import { writeFixture } from './fixture';
import { MARKED, openPanel, type PanelPage, type Theme } from './page';
import { STATE_NAMES, messagesOf, type State } from './states';

let browser: Browser;
let folder: string;
let report: Report;
let maps: Buffer;
let axe: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lens-axe-'));
  report = await writeFixture(folder);
  maps = await readFile(join(folder, report.mapsFile));
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  browser = await startChromium();
});

after(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary: string }[];
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Those of them that another theme can break. */
const OF_COLORS = ['color-contrast', 'link-in-text-block'];

/** All rules but those of colors, which another language does not break. */
const OF_WORDS = {
  runOnly: RULES,
  rules: Object.fromEntries(OF_COLORS.map((id) => [id, { enabled: false }])),
};

/** What axe finds in the whole page: one line a finding, with what it is about. */
async function findings(page: Page, rules: object): Promise<string[]> {
  const options = JSON.stringify({ ...rules, resultTypes: ['violations'] });
  const found = await page.evaluate<Finding[]>(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)}: ${failureSummary}`),
  );
}

const complete = async (panel: PanelPage) => {
  for (const message of messagesOf(report, folder, panel.base).complete) await panel.send(message);
  await panel.waitFor('maps');
  await panel.giveMaps(maps);
  await panel.page.locator('.layer-canvas').waitFor();
};

/** A complete report, with everything open that opens. */
async function openEverything(panel: PanelPage): Promise<void> {
  await complete(panel);
  await panel.page.locator('.preparation-strip').click();
  for (const summary of await panel.page.locator('summary').all()) await summary.click();
  await panel.page.getByRole('tab').first().click();
  await panel.page.locator('.preparation-row vscode-button').click();
  await panel.page.locator('[role=application]').first().waitFor();
}

const themes: readonly Theme[] = ['light', 'dark', 'high-contrast', 'high-contrast-light'];
/** States that together have every kind of element that the others have; with everything open besides, they show every color. */
const COLORFUL: readonly State[] = [
  'stage-steps',
  'cancelled-later',
  'stale',
  'retarget',
  'failed-device',
  'empty',
];
for (const theme of themes)
  test(`axe finds nothing: ${theme}`, async () => {
    const panel = await openPanel(browser, { theme, width: 1000, height: 900, folder });
    const { page } = panel;
    const found: string[] = [];
    const [runOnly, states] = theme === themes[0] ? [RULES, STATE_NAMES] : [OF_COLORS, COLORFUL];
    const look = async (state: string) => {
      for (const finding of await findings(page, { runOnly })) found.push(`${state}: ${finding}`);
    };
    try {
      await page.evaluate(axe);
      for (const state of states) {
        // Another image first, so that nothing of the state before is left.
        await panel.send({ type: 'empty', reason: 'between two states' });
        for (const message of messagesOf(report, folder, panel.base)[state]) await panel.send(message);
        await page.locator('#root > main').waitFor();
        await look(state);
      }
      await panel.send({ type: 'empty', reason: 'between two states' });
      await openEverything(panel);
      await screenshot(page, `panel-open-${theme}`);
      await look('everything open');
      assert.deepEqual(found, []);
    } finally {
      await panel.close();
    }
  });

for (const [theme, language] of [
  ['light', 'de'],
  ['dark', 'zh-cn'],
] as const)
  test(`axe finds nothing in another language: ${language}, ${theme}`, async () => {
    const panel = await openPanel(browser, { theme, language, width: 1000, height: 900, folder });
    const { page } = panel;
    try {
      await page.evaluate(axe);
      assert.equal(await page.evaluate('document.documentElement.lang'), language);
      await openEverything(panel);
      await screenshot(page, `panel-open-${language}`);
      assert.deepEqual(await findings(page, OF_WORDS), []);
    } finally {
      await panel.close();
    }
  });

/** Every text of the page and every name of a control, as readers come by them. */
const SHOWN = `(() => {
  const shown = [];
  const walk = document.createTreeWalker(document.getElementById('root'), NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.nodeType === 3) {
      if (!node.parentElement.closest('code, time, .layer-name, .layer-operator')) shown.push(node.data.trim());
    } else if (!node.closest('[aria-hidden=true]')) for (const name of ['title', 'aria-label', 'alt', 'placeholder'])
      if (node.hasAttribute(name)) shown.push(node.getAttribute(name));
  }
  return [...new Set(shown)];
})()`;

/** Numbers, signs and units, and names that are the same everywhere. */
const NO_WORDS =
  /^(?:[^\p{L}]|\b(?:MB|kB|ms|s|k|M|G|x|y|e|px|NaN|JSON|CSV|SHA|Markdown|Jet|Turbo|Inferno|Viridis|[A-E]|Inference Lens|onnxruntime|sharp|Node)\b)*$/u;

test('nothing that is shown is without a translation, but what the report says', async () => {
  const panel = await openPanel(browser, {
    ...{ theme: 'light', language: MARKED, width: 1440, height: 900, folder },
  });
  try {
    await openEverything(panel);
    const json = JSON.stringify(report).toLowerCase();
    const isSaid = (part: string): boolean =>
      NO_WORDS.test(part.replace(/(?<=\d)e(?=[−-]?\d)/g, '')) ||
      json.includes(
        JSON.stringify(part.replace(/ [\d.]+%$/, ''))
          .slice(1, -1)
          .toLowerCase(),
      );
    const shown = await panel.page.evaluate<readonly string[]>(SHOWN);
    assert.ok(shown.filter((text) => text.includes('⟦')).length > 100);
    const bare = shown.filter((text) => !text.includes('⟦') && !text.split(/[\n,]\s*/).every(isSaid));
    assert.deepEqual(bare, []);
  } finally {
    await panel.close();
  }
});

/** What has the focus, by role and name as far as the page says. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    let on = document.activeElement;
    const name = on.getAttribute('aria-label') ?? on.textContent;
    return (on.getAttribute('role') ?? on.tagName.toLowerCase()) + ' ' + name.trim().slice(0, 60);
  })()`);

test('the keyboard alone: skip to the layers, walk them, read values, sort, choose columns, open the preprocessing', async () => {
  const panel = await openPanel(browser, { theme: 'light', width: 1440, height: 900, folder });
  const { page } = panel;
  const until = async (wanted: RegExp) => {
    const seen: string[] = [];
    for (let i = 0; i < 40; i++) {
      const now = await focused(page);
      if (wanted.test(now)) return;
      seen.push(now);
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not come to ${String(wanted)}: ${seen.join(' | ')}`);
  };
  const layer = () => page.locator('.inspector h3').innerText();
  try {
    await complete(panel);
    await page.keyboard.press('Tab');
    assert.match(await focused(page), /Skip to the layers/);
    await page.keyboard.press('Enter');
    assert.match(await focused(page), /^listbox Layers in the order/);
    const first = await layer();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.inspector h3').filter({ hasNotText: first }).waitFor();
    await page.keyboard.press('Home');
    await page.locator('.inspector h3', { hasText: 'conv_stem' }).waitFor();
    await until(/^application Grad-CAM heatmap of conv_stem/);
    await page.keyboard.press('ArrowRight');
    await page.locator('#readout', { hasText: 'CAM' }).waitFor();
    await until(/^summary Columns/);
    await page.keyboard.press('Enter');
    await until(/^checkbox Std/);
    const before = await page.getByRole('columnheader').count();
    await page.keyboard.press('Space');
    await page.getByRole('columnheader', { name: 'Std' }).waitFor();
    assert.equal(await page.getByRole('columnheader').count(), before + 1);
    await until(/^grid Layers/);
    await page.keyboard.press('End');
    await page.locator('.inspector h3', { hasText: 'fc' }).waitFor();
    await page.locator('tr[data-layer="fc"]').waitFor();
    await page.getByText('cannot be shown over the picture').waitFor();
    await until(/^button Mean/);
    await page.keyboard.press('Enter');
    await page
      .getByRole('columnheader', { name: 'Mean' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor();
    assert.deepEqual(panel.problems, []);
  } finally {
    await panel.close();
  }
});

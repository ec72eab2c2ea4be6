/** What README, Marketplace page and walkthrough show: a tour of the extension, picture by picture, in a real VS Code. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import { analyzeFromExplorer, menuEntry, openSession, wholeReport } from './extension/session';
import { explorerRow, panelFrame, runCommand } from './vscode/actions';

export interface Places {
  /** The whole report, PNG. */
  readonly report: string;
  /** From the right-click to the heatmaps, GIF. */
  readonly tour: string;
  /** Folder of analyze.png and read.png. */
  readonly walkthrough: string;
}

interface Shot {
  readonly png: Buffer;
  /** How long the tour stays at it, milliseconds. */
  readonly hold: number;
}

const SIZE = { width: 1280, height: 800 };
/** The tour is smaller than the window, so that it loads quickly. */
const TOUR_WIDTH = 960;
const IMAGE = 'chelsea.png';
/** Layers that the tour stops at, by their share of the way through the network. */
const STOPS = [0.1, 0.45, 0.75, 0.9];

export async function takePictures(places: Places): Promise<void> {
  const { page, close } = await openSession({
    files: [IMAGE, 'coffee.png'],
    sources: { [IMAGE]: 'samples/chelsea.png', 'coffee.png': 'samples/coffee.png' },
    settings: {
      'inferenceLens.weights': 'mobilenet_v2',
      'inferenceLens.output': '',
      'workbench.colorTheme': 'Default Dark Modern',
      'workbench.activityBar.location': 'hidden',
    },
  });
  try {
    await page.setViewportSize(SIZE);
    // The first analysis prepares the network, which no tour should wait for.
    await analyzeFromExplorer(page, 'coffee.png');
    await runCommand(page, 'View: Close All Editors');
    const shots: Shot[] = [];
    const shoot = async (hold: number): Promise<Buffer> => {
      const png = await page.screenshot({ animations: 'disabled' });
      shots.push({ png, hold });
      return png;
    };
    await shoot(900);
    const menu = await openMenu(page);
    const choosing = await shoot(1400);
    await menu.click();
    const frame = await whole(page);
    const report = await shoot(1800);
    for (const share of STOPS) {
      await goToLayer(frame, share);
      await shoot(1200);
    }
    await writeFile(places.report, await palette(sharp(report)));
    await writeFile(places.tour, await animated(shots));
    await writeFile(
      join(places.walkthrough, 'analyze.png'),
      await palette(sharp(choosing).extract({ left: 0, top: 30, width: 620, height: 420 })),
    );
    await writeFile(
      join(places.walkthrough, 'read.png'),
      await palette(sharp(shots.at(-1)?.png).resize({ width: 900 })),
    );
  } finally {
    await close();
  }
}

/** Opens the menu of the image and leaves the pointer on its entry. */
async function openMenu(page: Page) {
  await explorerRow(page, IMAGE).click({ button: 'right' });
  const entry = page.locator('.context-view .monaco-menu').getByText(menuEntry, { exact: true });
  await entry.waitFor();
  await entry.hover();
  return entry;
}

/** The report of the image, once it is whole and its pictures are there. */
async function whole(page: Page): Promise<Frame> {
  const frame = await panelFrame(page);
  await wholeReport(frame);
  await page.waitForTimeout(1500);
  return frame;
}

async function goToLayer(frame: Frame, share: number): Promise<void> {
  // In the strip: the page need not scroll, and the picture stays in view.
  const layers = frame.locator('.filmstrip').getByRole('option');
  await layers.nth(Math.floor(share * (await layers.count()))).click();
  await frame.page().waitForTimeout(700);
}

const palette = (picture: Sharp): Promise<Buffer> =>
  picture.png({ palette: true, colors: 200, effort: 10, compressionLevel: 9 }).toBuffer();

async function animated(shots: readonly Shot[]): Promise<Buffer> {
  const frames = await Promise.all(
    shots.map(({ png }) => sharp(png).resize({ width: TOUR_WIDTH }).png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } })
    .gif({
      delay: shots.map(({ hold }) => hold),
      loop: 0,
      colours: 128,
      dither: 0.3,
      effort: 8,
      interFrameMaxError: 4,
    })
    .toBuffer();
}

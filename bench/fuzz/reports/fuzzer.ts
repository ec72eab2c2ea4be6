/**
 * Broken reports through everything that reads them: the extension's reader, the page of the panel in a browser, and the built server
 * with its engine, asked for a layer's details and for another target as the panel asks.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { mapsPlace, openReport, readMapSlices } from '../../../files/report-folder';
import type { Failure, Outcome as Answer } from '../../../protocol/failure';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { staleness } from '../../../client/src/report/staleness';
import { encodeModel } from '../../../server/src/onnx/write';
import { smallClassifier } from '../../../test/support/small-classifier';
import type { Case, Fuzzer, Outcome } from '../kind';
import { peakBytes } from '../memory';
import type { Random } from '../random';
import { breakReport } from './mutate';
import { PanelUnderTest } from './panel';
import { ServerUnderTest } from './server';

const SIDE = 48;

export async function openReportFuzzer(): Promise<Fuzzer> {
  const place = await mkdtemp(join(tmpdir(), 'lens-fuzz-reports-'));
  const [weights, image] = [join(place, 'small.onnx'), join(place, 'small.png')];
  writeFileSync(weights, encodeModel(smallClassifier()));
  await sharp(Buffer.alloc(SIDE * SIDE * 3, 90), { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toFile(image);
  const server = await ServerUnderTest.start(place, {
    weights,
    pipeline: 'imagenet',
    detector: 'none',
    device: 'cpu',
  });
  const { folder, report } = requireValue(
    await server.ask<FinishedReport>('inferenceLens/analyze', {
      image,
      options: { output: join(place, 'good') },
    }),
  );
  // Once through all of it, so that what is loaded once counts as idle.
  await server.ask('inferenceLens/layerDetails', { folder, layer: report.layers[0]?.name, channels: 8 });
  const panel = await PanelUnderTest.open(folder);
  await server.settle();
  const idle = process.memoryUsage.rss();

  return {
    make: (random: Random, to: string): Promise<Case> => {
      // As deep as a real one, so that its successors stay in the case's folder.
      const copy = join(to, report.processId, 'result');
      cpSync(folder, copy, { recursive: true });
      return Promise.resolve({ sample: breakReport(copy, random), path: copy });
    },
    attempt: async ({ path }): Promise<Outcome> => {
      const before = process.cpuUsage();
      server.begin();
      const said: string[] = [];
      const faults: string[] = [];
      const tell = (who: string, answer: Answer<unknown>): void => {
        said.push(`${who} ${answer.ok ? 'takes it' : `says ${general(answer.failure)}`}`);
        if (!answer.ok && isBug(answer.failure)) faults.push(`${who}: ${answer.failure.message}`);
      };

      const opened = await openReport(path);
      const read = opened.ok ? { ok: true as const, value: opened.value.report } : opened;
      tell('extension', read);
      if (read.ok) {
        tell(
          'maps',
          await readMapSlices(
            mapsPlace(path, read.value),
            read.value.layers.slice(0, 50).map(({ activation }) => activation.map),
          ),
        );
        await staleness(read.value, null);
      }
      const shown = await panel.show(path, read);
      said.push(`panel shows ${shown.what}`);
      faults.push(...shown.faults);

      const { layer, target } = questions(read.ok ? read.value : report);
      tell('details', await server.ask('inferenceLens/layerDetails', { folder: path, layer, channels: 8 }));
      const params = { folder: path, target, methods: ['gradcam'] };
      tell('target', await server.ask('inferenceLens/retarget', params));

      const { seconds, bytes } = server.used();
      const { user, system } = process.cpuUsage(before);
      return {
        outcome: faults.length > 0 ? faults.join('; ') : said.join(', '),
        accepted: read.ok,
        broken: faults.length > 0,
        elsewhere: {
          seconds: seconds + (user + system) / 1e6,
          bytes: Math.max(bytes, peakBytes() - idle),
        },
      };
    },
    close: async () => {
      await panel.close();
      await server.stop();
      await rm(place, { recursive: true, force: true });
    },
  };
}

function requireValue<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Error(answer.failure.message);
}

/** What the panel would ask about this report. */
const questions = ({ layers, classifier }: Report) => ({
  layer: layers.at(-1)?.name ?? 'x',
  target: classifier.labels[0] ?? '0',
});

/** A failure that is none of the report's: the program's own. */
const isBug = ({ kind }: Failure): boolean => kind === 'internal';

/** A failure without what differs from case to case. */
const general = ({ kind, message }: Failure): string =>
  `${kind}: ${message
    .replace(/\/[^\s:,]*/g, 'FILE')
    .replace(/"[^"]*"/g, '"..."')
    .replace(/found .*/s, 'found ...')
    .slice(0, 90)}`;

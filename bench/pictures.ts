/** `npm run bench pictures`: everything of one warm analysis but the networks, CPU time and wall time step by step. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { BoxReport } from '../protocol/report';
import type { SampleResult } from '../server/src/explain/decode';
import { decodeImage } from '../server/src/imaging/decode';
import type { Preprocessed } from '../server/src/pipeline/analysis';
import { detectFaces } from '../server/src/pipeline/face/detection';
import type { LayerListener } from '../server/src/pipeline/reporting/layer-artifacts';
import { writeLayers } from '../server/src/pipeline/reporting/layer-artifacts';
import { faceMask } from '../server/src/pipeline/face/mask';
import { prepareInput as runPreprocess, regionFor } from '../server/src/pipeline/steps/preprocess';
import type { ReadyLens } from '../test/support/lens';
import { readyLens } from '../test/support/lens';
import { InputPictures, writeFace } from '../server/src/pipeline/reporting/step-pictures';
import { ArtifactWriter } from '../server/src/report/artifacts';
import { PainterThread } from '../server/src/report/painter-thread';
import { writeReportFolder } from '../server/src/report/folder';
import { projectRoot } from '../server/src/system/paths';
import { warmClassifier } from './networks';
import { busy, main, readEffort } from './script';
import { grid, spread } from './table';

const WARM_UP = 4;
const SIDE = 380;

/** The face of samples/portrait.png, by hand: neither network runs here. */
const FACE: BoxReport = [200, 208, 442, 450];

interface Source {
  readonly name: string;
  readonly path: string;
  readonly box: BoxReport;
}

/** Milliseconds of wall time and of CPU time, all threads together. */
interface Cost {
  readonly wall: number[];
  readonly cpu: number[];
}

async function measure(): Promise<string> {
  const { repeats } = readEffort(15);
  const folder = await mkdtemp(join(tmpdir(), 'lens-bench-'));
  const thread = availableParallelism() > 1 ? new PainterThread() : null;
  try {
    const recipe = readyLens('fsbi');
    const sources = [
      { name: 'portrait.png, 640x640', path: join(projectRoot(), 'samples', 'portrait.png'), box: FACE },
      await photograph(folder),
    ];
    busy('explaining once');
    const layers = await explainOnce(sources[0] as Source, recipe);
    const parts: string[] = [];

    for (const source of sources) {
      busy(source.name);
      parts.push(await reports(source, recipe, layers, folder, repeats, thread));
    }
    return parts.join('\n\n');
  } finally {
    await thread?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** 12 megapixels, as phones take them: the portrait enlarged, with noise as sensors have it. */
async function photograph(folder: string): Promise<Source> {
  const [width, height] = [4032, 3024];
  const portrait = join(projectRoot(), 'samples', 'portrait.png');
  const noise = { type: 'gaussian', mean: 128, sigma: 6 } as const;
  const grain = await sharp({ create: { width, height, channels: 3, background: 'grey', noise } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const path = join(folder, 'photograph.jpg');
  const picture = sharp(portrait)
    .resize(width, height, { fit: 'fill' })
    .composite([{ input: grain, blend: 'overlay' }]);
  await writeFile(path, await picture.jpeg({ quality: 92 }).toBuffer());
  const [x0, y0, x1, y1] = FACE;
  const [sx, sy] = [width / 640, height / 640];
  return { name: 'a 12 megapixel JPEG', path, box: [x0 * sx, y0 * sy, x1 * sx, y1 * sy] };
}

/** What the network gives for the sample: the maps that the pictures are of. */
async function explainOnce(source: Source, recipe: ReadyLens): Promise<Explained> {
  const { prepared } = await prepareInput(source, recipe);
  const { classifier, dispose } = await warmClassifier({
    architecture: 'efficientnet_pytorch/b5',
    side: SIDE,
    threads: null,
    recipe: recipe.id,
  });
  try {
    const image = { type: 'float32', dims: [1, 3, SIDE, SIDE], data: prepared.tensor.data } as const;
    return { about: classifier.about, sample: await classifier.explain(image, 1), nonFinite: new Map() };
  } finally {
    await dispose();
  }
}

type Explained = Pick<Parameters<typeof writeLayers>[0], 'about' | 'nonFinite'> & {
  readonly sample: SampleResult;
};

type Timer = <T>(step: string, run: () => T | Promise<T>) => Promise<T>;
const untimed: Timer = async (_step, run) => run();

async function prepareInput(
  { path, box }: Source,
  recipe: ReadyLens,
  timed: Timer = untimed,
): Promise<Preprocessed> {
  const decoded = await timed('decode', () => decodeImage(path));
  const noNetwork = (): never => {
    throw new Error('The box is given.');
  };
  const wanted = { box, detector: 'auto', maxSize: null } as const;
  const detection = await detectFaces(decoded.image, path, wanted, noNetwork);
  const region = await timed('crop', () => regionFor(decoded.image, detection, recipe));
  const input = { width: SIDE, height: SIDE };
  const prepared = await timed('steps to the tensor', () => runPreprocess(region, recipe, input));
  await timed('statistics of every step', () => prepared.recorded.map(({ statistics }) => statistics));
  const { crop } = prepared;
  return { decoded: { ...decoded, edit: null }, detection, crop, mask: faceMask(detection, crop), prepared };
}

const silent: LayerListener = { progress: () => undefined, known: () => undefined, drawn: () => undefined };

/** The steps in a row, so that each can be told from the others; an analysis draws the first pictures while the network runs. */
async function reports(
  source: Source,
  recipe: ReadyLens,
  explained: Explained,
  output: string,
  repeats: number,
  thread: PainterThread | null,
): Promise<string> {
  const costs = new Map<string, Cost>();
  for (let run = 0; run < WARM_UP + repeats; run++) {
    const timed: Timer = async (step, work) => {
      const [start, before] = [performance.now(), process.cpuUsage()];
      const value = await work();
      const { user, system } = process.cpuUsage(before);
      const cost = costs.get(step) ?? { wall: [], cpu: [] };
      costs.set(step, cost);
      if (run >= WARM_UP) {
        cost.wall.push(performance.now() - start);
        cost.cpu.push((user + system) / 1000);
      }
      return value;
    };
    await timed('all of it', async () => {
      const prepared = await prepareInput(source, recipe, timed);
      const place = { output, pipeline: recipe.id, imagePath: source.path, startedAt: Date.now() };
      await writeReportFolder(place, async (folder) => {
        await timed('pictures of input, face, wavelet', async () => {
          const writer = new ArtifactWriter(folder);
          const pictures = new InputPictures(prepared.decoded);
          writeFace(writer, prepared, 'face');
          pictures.original(writer);
          pictures.overlay(writer, prepared.detection, 'face');
          await writer.finish();
        });
        const threads = thread === null ? 'one thread' : 'two threads';
        await timed(`pictures of ${explained.sample.layers.length} layers, ${threads}`, () =>
          writeLayers({ ...prepared, ...explained, lensId: recipe.id }, folder, silent, undefined, thread),
        );
      });
    });
  }
  const rows = [...costs].map(([step, { wall, cpu }]) => [step, spread(wall, 1), spread(cpu, 1)]);
  return grid([`${source.name} (n = ${repeats})`, 'wall ms', 'processor ms'], rows);
}

main(measure);

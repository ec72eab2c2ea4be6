/**
 * `npm run bench retinaface [-- --body resnet50,mobilenet0.25] [--weights file] [--repeats 5]`: RetinaFace on the CPU against picture size and `--max-size`, each
 * row in a fresh process; with trained MobileNet weights also what scaling does to boxes, scores and small faces.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RetinaFaceBody } from '../server/src/architectures/retinaface-variants';
import { intersectionOverUnion } from '../server/src/detection/nms';
import { projectRoot } from '../server/src/system/paths';
import type { Answer, Order } from './detection/row';
import { groupPicture } from './detection/picture';
import { inFreshProcess } from './processes';
import { busy, effortOf, effortOptions, main } from './script';
import { grid, spread } from './table';

const SIZES = [
  [640, 480],
  [1024, 768],
  [2048, 1536],
] as const;
const MAX_SIZES = [1600, 1200, 800, 640, 480] as const;

const shared = resolve(projectRoot(), '..', 'shared');
const { values } = parseArgs({
  options: {
    ...effortOptions,
    body: { type: 'string', default: 'resnet50,mobilenet0.25' },
    /** Of a trained MobileNet-0.25; without them there is nothing to say of boxes. */
    weights: { type: 'string', default: join(shared, 'models', 'retinaface_mobilenet0.25_1mb.pth') },
    /** A square photograph of a face. */
    photo: { type: 'string', default: join(shared, 'images', 'astronaut.png') },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

/** A row and what it came to. */
interface Row {
  readonly width: number;
  readonly height: number;
  readonly maxSize: number | null;
  readonly answer: Answer;
}

async function measure(): Promise<string> {
  const { repeats, quick } = effortOf(values, 5);
  const photo = existsSync(values.photo) ? values.photo : join(projectRoot(), 'samples', 'portrait.png');
  const weights = existsSync(values.weights) ? values.weights : null;
  const folder = await mkdtemp(join(tmpdir(), 'lens-retinaface-'));
  try {
    const tables: Readonly<Record<RetinaFaceBody, () => Promise<string>>> = {
      resnet50: async () => {
        const given = { body: 'resnet50', weights: null, repeats: Math.ceil(repeats / 2), quick } as const;
        return timeTable('RetinaFace ResNet-50, seeded weights', await rows(folder, photo, given));
      },
      'mobilenet0.25': async () => {
        const all = await rows(folder, photo, { body: 'mobilenet0.25', weights, repeats, quick });
        return weights === null ? timeTable('RetinaFace MobileNet-0.25, seeded weights', all) : boxTable(all);
      },
    };
    const parts: string[] = [];
    for (const body of values.body.split(',')) {
      const measureBody = tables[body as RetinaFaceBody] as (typeof tables)[RetinaFaceBody] | undefined;
      if (measureBody === undefined)
        throw new Error(`--body expects some of ${Object.keys(tables).join(', ')}; found "${body}".`);
      parts.push(await measureBody());
    }
    return [
      `Detection in a picture already read: scaling, network, boxes; ${values.threads} threads, each row a fresh process whose peak ` +
        'includes Node and its TypeScript loader; its first run is not counted. The picture shows one photograph five times, each face a ' +
        'third or half of the one before. "Full" is the picture\'s own size, as the reference takes it; MobileNet looks a second time at 640 there.',
      ...parts,
    ].join('\n\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rows(
  folder: string,
  photo: string,
  given: { body: RetinaFaceBody; weights: string | null; repeats: number; quick: boolean },
): Promise<readonly Row[]> {
  const { body, weights, repeats, quick } = given;
  const found: Row[] = [];
  for (const [width, height] of quick ? SIZES.slice(0, 2) : SIZES) {
    const pixels = join(folder, `${width}.rgb`);
    await writeFile(pixels, (await groupPicture(photo, width, height)).data);
    for (const maxSize of [null, ...MAX_SIZES.filter((side) => side < width)]) {
      busy(`${body}, ${width}x${height}, ${maxSize ?? 'full'}`);
      const order: Order = {
        ...{ body, weights, pixels, width, height, maxSize, repeats },
        threads: Number(values.threads),
      };
      const script = join(projectRoot(), 'bench', 'detection', 'row.ts');
      const answer = await inFreshProcess<Answer>(script, [JSON.stringify(order)]);
      found.push({ width, height, maxSize, answer });
    }
  }
  return found;
}

const place = ({ width, height, maxSize }: Row): string => `${width}x${height}, ${maxSize ?? 'full'}`;

const head = (what: string, [first]: readonly Row[]): string =>
  `${what} (n = ${first?.answer.milliseconds.length ?? 0})`;

const figures = ({ answer }: Row): readonly [string, string] => [
  spread(answer.milliseconds),
  answer.peakMb.toFixed(0),
];

function timeTable(what: string, all: readonly Row[]): string {
  return grid(
    [head(what, all), 'ms', 'peak MB'],
    all.map((row) => [place(row), ...figures(row)]),
  );
}

/** Against what the same picture gives at full size. */
function boxTable(all: readonly Row[]): string {
  const lines = all.map((row) => {
    const full = all.find(({ width, maxSize }) => width === row.width && maxSize === null);
    const expected = full?.answer.faces ?? [];
    const matched = expected.flatMap(({ box }) => {
      const overlaps = row.answer.faces.map((face) => intersectionOverUnion(face.box, box));
      const best = Math.max(0, ...overlaps);
      return best > 0.5 ? [best] : [];
    });
    const [largest] = row.answer.faces;
    const iou =
      largest && expected[0] ? intersectionOverUnion(largest.box, expected[0].box).toFixed(3) : 'none';
    return [
      place(row),
      ...figures(row),
      `${row.answer.faces.length}`,
      `${matched.length} of ${expected.length}`,
      matched.length === 0 ? 'none' : Math.min(...matched).toFixed(3),
      iou,
      largest?.score?.toFixed(4) ?? 'none',
    ];
  });
  const columns = [
    ...['ms', 'peak MB', 'faces', 'of those at full size'],
    ...['their least IoU', 'largest face: IoU', 'its score'],
  ];
  return grid([head('RetinaFace MobileNet-0.25, trained weights', all), ...columns], lines);
}

main(measure);

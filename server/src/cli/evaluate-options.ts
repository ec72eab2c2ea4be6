/** The options of `inference-lens evaluate`: the options of an analysis and its own, each declared once with its help. */
import { resolve } from 'node:path';
import { LensError } from '../errors';
import type { Region } from '../evaluation/heat';
import { requireMasks } from '../evaluation/masks';
import type { QueueRequest } from '../evaluation/queue/by-queue';
import type { EvaluationRequest } from '../evaluation/run';
import { requireSetOptions } from '../evaluation/set-options';
import { VIDEO_OPTIONS, videoOptions } from './video-options';
import { parseOptions } from './options';
import { specOf, textOf, wholeNumber, type OwnOption } from './own-options';
import { parseAddress } from './queue-option';
import { parseShard, shardOfScheduler } from './shard-option';

export interface EvaluateCommand extends EvaluationRequest {
  /** Null where this machine does everything itself. */
  readonly queue: QueueRequest | null;
  readonly json: boolean;
  readonly quiet: boolean;
}

export const OWN_OPTIONS = {
  labels: {
    value: '<from>',
    help:
      'where labels come from: folders, none, or a pattern over paths that holds {label}, such as "**/{label}/*" or "*_{label}.jpg"; ' +
      "default: the first folder below the one that is given, or the manifest's column",
  },
  map: {
    value: '<label=class>',
    help: 'class that a label of the set stands for, by name or index; may be repeated',
    several: true,
  },
  'path-column': {
    value: '<name>',
    help: "column or key of a manifest's paths; default: path, image, file and the like",
  },
  'label-column': {
    value: '<name>',
    help: "column or key of a manifest's labels; default: label, class, target and the like",
  },
  root: {
    value: '<dir>',
    help: "folder that a manifest's paths start at and stay below; default: the manifest's own",
  },
  fetch: {
    help: 'lets a manifest name pictures by http:// and https:// addresses, such as presigned ones, which are then fetched',
  },
  ...VIDEO_OPTIONS,
  'attention-box': {
    value: '<x0,y0,x1,y1>',
    help: 'measures the share of the heatmaps in this part of every picture, in shares of its width and height, such as 0,0,0.25,0.25',
  },
  'attention-mask': {
    value: '<dir>',
    help: 'folder with a mask for each picture, cat/1.png for cat/1.jpg, as large as the picture; measures the share of the heatmaps inside',
  },
  shard: {
    value: '<i/n>',
    help: 'one of n parts of the set, for the i-th machine, or auto: as Slurm, Kubernetes or AWS Batch set it in the environment; merge joins the parts',
  },
  queue: {
    value: '<url>',
    help:
      'redis:// or rediss:// address of a Redis or Valkey server: fills a queue there and collects what workers find; ' +
      'its password may be in the environment variable INFERENCE_LENS_QUEUE_PASSWORD',
  },
  'queue-name': {
    value: '<name>',
    help: 'name of the queue; evaluations that share a server need different names; default: evaluation',
  },
  'job-size': {
    value: '<n>',
    help: 'pictures that a worker takes at a time, 1 to 10000; default: as many as make a thousand jobs, 16 to 1000',
  },
  replace: {
    help: 'starts over, and replaces what an earlier evaluation left in the output folder and the queue',
  },
} as const satisfies Readonly<Record<string, OwnOption>>;

export const DEFAULT_OUTPUT = 'inference-lens-evaluation';

/** @throws LensError of kind `usage` */
export function parseEvaluate(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): EvaluateCommand {
  const { options, values, positionals } = parseOptions(args, specOf(OWN_OPTIONS));
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0) {
    throw new LensError(
      'usage',
      `evaluate expects one folder, manifest or video; found ${rest.length === 0 ? 'none' : positionals.length}.`,
      {
        fix: 'For example: inference-lens evaluate photos/, with one folder for each class, or inference-lens evaluate labels.csv',
      },
    );
  }
  const video = videoOptions(source, values);
  requireSetOptions(options);
  const text = (name: keyof typeof OWN_OPTIONS) => textOf(values, name);
  const shard = text('shard');
  const box = text('attention-box');
  const masks = text('attention-mask');
  const queue = queueOf(text('queue'), text('queue-name'), text('job-size'), environment);
  if (queue !== null && shard !== null) {
    throw new LensError('usage', '--shard and --queue both divide the set.', {
      fix: 'Leave one of them out.',
    });
  }
  return {
    set: {
      source: resolve(source),
      labels: text('labels'),
      pathColumn: text('path-column'),
      labelColumn: text('label-column'),
      root: text('root'),
      fetch: values['fetch'] === true,
    },
    options,
    output: typeof values['output'] === 'string' ? options.output : resolve(DEFAULT_OUTPUT),
    shard: shard === null ? null : shard === 'auto' ? shardOfScheduler(environment) : parseShard(shard),
    queue,
    replace: values['replace'] === true,
    renamed: renames(values['map']),
    attentionBox: box === null ? null : region(box, options.layers !== null),
    attentionMask: masks === null ? null : maskFolder(masks, options.layers !== null),
    allowHuge: values['force'] === true,
    ...(video === null ? {} : { video }),
    json: values['json'] === true,
    quiet: values['quiet'] === true,
  };
}

const MOST_IN_JOB = 10_000;

function queueOf(
  address: string | null,
  name: string | null,
  size: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): QueueRequest | null {
  if (address === null) {
    const [alone] = [name === null ? null : 'queue-name', size === null ? null : 'job-size'].filter(Boolean);
    if (alone === undefined) return null;
    throw new LensError('usage', `--${alone} applies to a queue, but none was named.`, {
      fix: 'Name its server with --queue redis://host:port, or leave the option out.',
    });
  }
  const jobSize = size === null ? null : wholeNumber('job-size', 'a whole number', size, 1, MOST_IN_JOB);
  return { address: parseAddress(address, name ?? undefined, environment), jobSize };
}

function renames(given: unknown): ReadonlyMap<string, string> {
  const texts = Array.isArray(given) ? given.map(String) : [];
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)] as const;
      throw new LensError('usage', `--map expects LABEL=CLASS; found "${text}".`, {
        fix: 'For example --map cat="Egyptian cat".',
      });
    }),
  );
}

function region(text: string, hasLayers: boolean): Region {
  const numbers = text.split(/[\s,]+/).map((word) => (word === '' ? NaN : Number(word)));
  const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN] = numbers;
  const isRegion = numbers.length === 4 && x0 >= 0 && y0 >= 0 && x1 <= 1 && y1 <= 1 && x0 < x1 && y0 < y1;
  if (!isRegion) {
    throw new LensError(
      'usage',
      `--attention-box expects x0,y0,x1,y1 from 0 to 1 with x1 > x0 and y1 > y0; found "${text}".`,
      { fix: 'For example --attention-box 0,0,0.25,0.25 for the upper left sixteenth.' },
    );
  }
  if (!hasLayers) throw noLayers('attention-box');
  return [x0, y0, x1, y1];
}

function maskFolder(text: string, hasLayers: boolean): string {
  if (!hasLayers) throw noLayers('attention-mask');
  return requireMasks(resolve(text));
}

const noLayers = (option: keyof typeof OWN_OPTIONS): LensError =>
  new LensError('usage', `--${option} measures heatmaps, but no layers were chosen.`, {
    fix: 'Choose layers with --layers; `inference-lens layers <model>` lists them.',
  });

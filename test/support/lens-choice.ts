/** Chooses lenses for networks that are described, not loaded. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LensKey, LensValueReport } from '../../protocol/lens';
import type { FittedLens, LensTrust } from '../../server/src/pipeline/choose-lens';
import { chooseLens } from '../../server/src/pipeline/choose-lens';
import type { About } from '../../server/src/pipeline/network/prepare';
import type { Weights } from '../../server/src/pipeline/network/weights';
import { ModelStore } from '../../server/src/store/store';
import { temporaryFolder } from './temp';

export const folder = temporaryFolder('choose-lens');
export const store = new ModelStore(join(folder, 'store'));

export interface Network {
  readonly architecture: string;
  readonly classes?: number;
  readonly side?: number;
  readonly channels?: 1 | 3;
  readonly fixed?: boolean;
  readonly normalizes?: 'bytes' | 'unit';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly sha256?: string;
  readonly stored?: Partial<NonNullable<Weights['stored']>>;
}

export const weightsOf = ({ architecture, classes = 2, path, sha256, stored, metadata }: Network): Weights =>
  ({
    ...{ name: 'mine.pth', untrained: false, path: path ?? null, stored: stored ?? null },
    architecture: () => Promise.resolve(architecture),
    classes: () => Promise.resolve(classes),
    sha256: () => Promise.resolve(sha256 ?? null),
    metadata: () => Promise.resolve(new Map(Object.entries(metadata ?? {}))),
  }) as unknown as Weights;

export function aboutOf({
  architecture,
  classes = 2,
  side = 224,
  channels = 3,
  fixed = true,
  normalizes,
  metadata = {},
}: Network): About {
  const input = { name: 'x', layout: 'NCHW', type: 'float32', channels, batch: null };
  const size = fixed ? { height: side, width: side } : { height: null, width: null };
  const normalization =
    normalizes === undefined ? null : { operators: ['Sub', 'Div'], mean: [127], std: [127] };
  const proved = {
    ...{ input: { ...input, ...size }, normalization, range: normalizes ?? null, tensorflow: null },
    output: { name: 'y', classes, others: ['z'], labels: null, activation: null },
  };
  return {
    ...{ architecture, classes, inputShape: [1, channels, side, side], metadata },
    proved: architecture === 'onnx' ? proved : null,
  } as unknown as About;
}

export const nothing = {
  ...{ lens: null, pipeline: null, weights: 'mine.pth', architecture: null, stateDict: null },
  ...{ target: null, activation: null, detector: null, crop: null, methods: null, layers: null },
};

export type Wanted = Parameters<typeof chooseLens>[0];

export const choose = (network: Network, wanted: Partial<Wanted> = {}, trust?: LensTrust) =>
  chooseLens({ ...nothing, ...wanted }, store, () => Promise.resolve(weightsOf(network)), trust);

export async function fitted(
  network: Network,
  wanted: Partial<Wanted> = {},
  trust?: LensTrust,
): Promise<FittedLens> {
  return (await choose(network, wanted, trust)).resolve(aboutOf(network));
}

export const value = ({ report }: FittedLens, key: LensKey): LensValueReport | undefined =>
  report.values.find((each) => each.key === key);
export const stepsOf = ({ preprocess }: FittedLens): readonly string[] => preprocess.map(({ step }) => step);

export const onnx: Network = { architecture: 'onnx', classes: 3, side: 64 };

export const written = (name: string, lens: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(lens));
  return path;
};

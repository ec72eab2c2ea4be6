/** Statistics of the weights in a file, a page at a time: tensors are read one by one, and only one is in memory. */
import { resolve } from 'node:path';
import type { WeightPage, WeightRow } from '../../../../protocol/model-structure';
import { openCheckpoint } from '../../checkpoints/open';
import { namingModel, throwIfAborted } from '../../errors';
import { readExternal } from '../../onnx/external-data';
import { elementCount, isExternal } from '../../onnx/model';
import { isNumeric, toNumbers, typedTensor } from '../../onnx/typed-data';
import { isOnnxFile } from '../../store/model-files';
import { skimModel } from '../../onnx/skim';

const BINS = 24;

/** Values of a tensor that are read: 256 MB as float32. */
const MOST_VALUES = 64 << 20;

/** A page ends after this many values, so that rows come while the rest is read. */
const PAGE_VALUES = 4 << 20;
const PAGE_ROWS = 64;

type Values = Float32Array | Float64Array;

interface Source {
  readonly names: readonly { readonly name: string; readonly values: number; readonly numeric: boolean }[];
  readonly read: (name: string) => Promise<Values>;
  readonly close: () => Promise<void>;
}

/**
 * @param from place of the page's first tensor, from 0
 * @throws LensError of kind `model` if the file cannot be read safely
 */
export async function weightPage(path: string, from: number, signal?: AbortSignal): Promise<WeightPage> {
  const file = resolve(path);
  return namingModel(file, async () => {
    const { names, read, close } = await (isOnnxFile(file) ? fromGraph(file) : fromCheckpoint(file, signal));
    try {
      const rows: WeightRow[] = [];
      let read_ = 0;
      let at = from;
      for (; at < names.length && rows.length < PAGE_ROWS && read_ < PAGE_VALUES; at++) {
        throwIfAborted(signal);
        const tensor = names[at];
        if (tensor === undefined) break;
        const { name, values, numeric } = tensor;
        if (!numeric) rows.push(skipped(name, 'no numbers'));
        else if (values > MOST_VALUES) rows.push(skipped(name, `${values} values, more than ${MOST_VALUES}`));
        else {
          rows.push({ path: name, ...summary(await read(name)) });
          read_ += values;
        }
      }
      return { rows, next: at < names.length ? at : null };
    } finally {
      await close();
    }
  });
}

async function fromGraph(path: string): Promise<Source> {
  const { model, folder } = await skimModel(path);
  const { initializers } = model.graph;
  return {
    names: [...initializers].map(([name, { type, dims }]) => ({
      ...{ name, values: elementCount(dims), numeric: isNumeric(type) },
    })),
    read: async (name) => {
      const tensor = initializers.get(name);
      if (tensor === undefined || !isNumeric(tensor.type)) throw new Error(`no numbers in ${name}`);
      const { type, dims, data } = tensor;
      const bytes = isExternal(data) ? await readExternal(folder, data, `tensor "${name}"`) : data;
      const typed = typedTensor(type, dims, bytes);
      if (typed.type === 'float32') return typed.data;
      const numbers = new Float64Array(typed.data.length);
      let i = 0;
      for (const value of toNumbers(typed)) numbers[i++] = value;
      return numbers;
    },
    close: () => Promise.resolve(),
  };
}

async function fromCheckpoint(path: string, signal: AbortSignal | undefined): Promise<Source> {
  const checkpoint = await openCheckpoint(path, signal === undefined ? {} : { signal });
  return {
    names: [...checkpoint.stateDict.values()].map(({ name, parameters }) => ({
      ...{ name, values: parameters, numeric: true },
    })),
    read: (name) => checkpoint.readFloat32(name),
    close: () => checkpoint.close(),
  };
}

const NOTHING = { mean: null, std: null, min: null, max: null, zeros: 0, nan: 0, inf: 0, histogram: [] };

const skipped = (path: string, why: string): WeightRow => ({ path, ...NOTHING, skipped: why });

/** Two passes in double precision, as the difference of large sums loses the digits of a small spread. */
export function summary(values: Values): Omit<WeightRow, 'path'> {
  let [sum, zeros, nan, inf, min, max] = [0, 0, 0, 0, Infinity, -Infinity];
  for (const v of values) {
    if (!Number.isFinite(v)) {
      if (Number.isNaN(v)) nan += 1;
      else inf += 1;
      continue;
    }
    sum += v;
    if (v === 0) zeros += 1;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  const finite = values.length - nan - inf;
  if (finite === 0) return { ...NOTHING, nan, inf };
  const mean = sum / finite;
  const histogram = new Array<number>(BINS).fill(0);
  const scale = max > min ? BINS / (max - min) : 0;
  let squares = 0;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    squares += (v - mean) * (v - mean);
    const bin = Math.min(BINS - 1, Math.floor((v - min) * scale));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  return { mean, std: Math.sqrt(squares / finite), min, max, zeros, nan, inf, histogram };
}

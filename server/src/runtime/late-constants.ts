/** Constants that the runtime need not see to optimize a network: they are written while it does, and added to what it has made. */
import { open } from 'node:fs/promises';
import { offsetsIn, writeAt } from '../onnx/data-file';
import type { ConstantTensor, Model } from '../onnx/model';
import { bytesOf, elementCount } from '../onnx/model';

/** An input of the network that is optimized, and a float32 constant of the one that is kept. */
export interface LateConstant {
  readonly name: string;
  readonly dims: readonly number[];
  /** Sets every element. */
  fill(into: Float32Array): void;
}

/** Writes them to a file: each is filled while the one before it is written. */
export async function writeConstants(constants: readonly LateConstant[], path: string): Promise<void> {
  if (constants.length === 0) return;
  const file = await open(path, 'w');
  try {
    // Memory that was touched before costs no page faults: two buffers take turns.
    const largest = Math.max(...constants.map(lengthOf));
    const buffers = [new ArrayBuffer(largest), new ArrayBuffer(largest)];
    const offsets = offsetsIn(constants.map(lengthOf));
    let writing = Promise.resolve();
    for (const [i, constant] of constants.entries()) {
      const buffer = buffers[i % 2] ?? new ArrayBuffer(largest);
      constant.fill(new Float32Array(buffer, 0, elementCount(constant.dims)));
      await writing;
      writing = writeAt(file, new Uint8Array(buffer, 0, lengthOf(constant)), offsets[i] ?? 0);
    }
    await writing;
  } finally {
    await file.close();
  }
}

/** The network with these inputs as constants in a data file of `writeConstants`. */
export function withConstants(model: Model, constants: readonly LateConstant[], location: string): Model {
  const { graph } = model;
  const offsets = offsetsIn(constants.map(lengthOf));
  const added = constants.map((constant, i): [string, ConstantTensor] => {
    const data = { location, offset: offsets[i] ?? 0, length: lengthOf(constant) };
    return [constant.name, { type: 'float32', dims: constant.dims, data }];
  });
  const names = new Set(constants.map(({ name }) => name));
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.filter(({ name }) => !names.has(name)),
      initializers: new Map([...graph.initializers, ...added]),
    },
  };
}

const lengthOf = ({ dims }: LateConstant): number => bytesOf('float32', elementCount(dims));

/**
 * Every kind of fuzzing. To add one: a folder `bench/fuzz/<name>/` with a `Fuzzer` in it, and an entry here. The command, the
 * limits, the isolation and the sample in `npm test` come with it.
 */
import type { FuzzKind } from './kind';
import { selfTest } from './self-test';

export const kinds: readonly FuzzKind[] = Object.freeze([
  {
    name: 'checkpoints',
    about: 'checkpoint files, broken in bits, opcodes, numbers and zip members: opened, every tensor read',
    cases: 20_000,
    open: async () => (await import('./checkpoints/fuzzer')).openCheckpointFuzzer(),
  },
  {
    name: 'onnx',
    about:
      'ONNX models, broken in attributes, shapes, names, types, edges, data and bytes: the whole analysis',
    cases: 6_000,
    bundled: true,
    open: async () => (await import('./onnx/fuzzer')).openOnnxFuzzer(),
  },
  {
    name: 'reports',
    about:
      'report folders, broken in values, text and files: the extension, the panel, layer details, another target',
    cases: 500,
    open: async () => (await import('./reports/fuzzer')).openReportFuzzer(),
  },
  {
    name: 'images',
    about: 'image files of every format, broken in header fields, bits, ranges and ends: decoded',
    cases: 2_000,
    open: async () => (await import('./images/fuzzer')).openImageFuzzer(),
  },
  {
    name: 'lenses',
    about: 'texts of lenses, broken as typing does it: completion, what it would insert, hover',
    cases: 4_000,
    open: async () => (await import('./lenses/fuzzer')).openLensFuzzer(),
  },
  {
    name: 'gradients',
    about: 'random operators and graphs: every gradient against differences, every shape against onnxruntime',
    cases: 4_000,
    whole: true,
    open: async () => (await import('./gradients/fuzzer')).openGradientFuzzer(),
  },
]);

/** @throws Error that lists what there is */
export function findKind(name: string): FuzzKind {
  const found = [...kinds, selfTest].find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new Error(`There is no kind "${name}"; there are ${kinds.map((kind) => kind.name).join(', ')}.`);
}

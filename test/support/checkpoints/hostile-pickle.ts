/** Parts that hostile pickles are made of, in files as torch writes them. */
import { p } from './pickle-writer';
import { floats, stateDictPickle, tensorPickle, torchZip } from './torch-writer';

export const echo = p.tuple(p.text('echo never'));
export const state = stateDictPickle({ w: { key: '0', storage: 4, shape: [4] } });
export const storages = { '0': floats(1, 2, 3, 4) };

/** The state dict with something else beside it. */
export const beside = (other: Buffer): Buffer =>
  torchZip(p.dict([p.text('model'), state], [p.text('x'), other]), storages);
export const alone = (root: Buffer): Buffer => torchZip(root, storages);
export const tensor = (recipe: Partial<Parameters<typeof tensorPickle>[0]>): Buffer =>
  alone(p.dict([p.text('w'), tensorPickle({ key: '0', storage: 4, shape: [4], ...recipe })]));
export const repeated = (part: Buffer, times: number): Buffer => Buffer.alloc(part.length * times, part);

/** Calls the global with one argument, by REDUCE. */
export const called = (module: string, name: string): Buffer =>
  p.join(p.global(module, name), echo, p.reduce);

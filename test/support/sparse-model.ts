/** Model files of any size that take no space: their large weights are all zero, and are holes in the file. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Model } from '../../server/src/onnx/model';
import { encodePieces } from '../../server/src/onnx/encode';

/** Pieces of this size or more are taken to be zero; they are not looked at, so that they never come into memory. */
const HOLE = 1 << 20;

export function writeSparse(path: string, model: Model): void {
  const file = openSync(path, 'w');
  let at = 0;
  for (const piece of encodePieces(model)) {
    if (piece.byteLength < HOLE) writeSync(file, piece, 0, piece.byteLength, at);
    at += piece.byteLength;
  }
  ftruncateSync(file, at);
  closeSync(file);
}

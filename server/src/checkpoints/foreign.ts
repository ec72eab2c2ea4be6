/** Says what a file is that is not a checkpoint: the mistakes people make. */
import { CheckpointError } from './error';
import type { Where } from './error';

interface Foreign {
  readonly starts: string;
  readonly at?: number;
  readonly is: string;
  readonly fix: string;
}

const downloadAgain = 'What was saved is the web page, not the file behind it. Download the file itself.';
const unpack = 'Unpack it and give the path of the checkpoint inside.';
const otherLibrary = 'Give weights that PyTorch saved, or a safetensors file.';

/** `starts` is Latin-1. */
const foreign: readonly Foreign[] = [
  { starts: '<!DOCTYPE', is: 'an HTML page', fix: downloadAgain },
  { starts: '<!doctype', is: 'an HTML page', fix: downloadAgain },
  { starts: '<html', is: 'an HTML page', fix: downloadAgain },
  {
    starts: 'version https://git-lfs',
    is: 'a Git LFS pointer, not the file it points to',
    fix: 'Run "git lfs pull" in the repository it is from.',
  },
  { starts: 'ustar', at: 257, is: 'a tar archive', fix: unpack },
  { starts: '\u001f\u008b', is: 'a gzip archive', fix: unpack },
  { starts: '7z\u00bc\u00af', is: 'a 7z archive', fix: unpack },
  { starts: 'Rar!', is: 'a RAR archive', fix: unpack },
  { starts: '\u0089HDF\r\n', is: 'an HDF5 file (Keras)', fix: otherLibrary },
  { starts: '\u0093NUMPY', is: 'a NumPy array', fix: otherLibrary },
  { starts: 'TFL3', at: 4, is: 'a TensorFlow Lite model', fix: otherLibrary },
  { starts: 'GGUF', is: 'a GGUF model', fix: otherLibrary },
  { starts: '\u0089PNG', is: 'a PNG image', fix: 'Give the path of a checkpoint.' },
  { starts: '\u00ff\u00d8\u00ff', is: 'a JPEG image', fix: 'Give the path of a checkpoint.' },
];

/** `head` is the first 512 bytes, or all there are. */
export function foreignFormat(head: Buffer, where: Where): CheckpointError {
  const text = head.toString('latin1');
  const known = foreign.find(({ starts, at = 0 }) => text.startsWith(starts, at));
  const expected = 'expected a PyTorch checkpoint or a safetensors file';
  if (known) return new CheckpointError(where, `is ${known.is}; ${expected}`, { fix: known.fix });
  const bytes = head.subarray(0, 8).toString('hex').replace(/../g, '$& ').trim();
  return new CheckpointError(where, `is no checkpoint: ${expected}, found a file that begins with ${bytes}`, {
    offset: 0,
    fix: 'Give weights that PyTorch saved (torch.save) or a safetensors file; ONNX models are read by their .onnx ending.',
  });
}

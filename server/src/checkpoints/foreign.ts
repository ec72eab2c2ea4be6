/** Recognizes files that are not checkpoints: the mistakes people make. */
import { CheckpointError, quoted } from './error';
import type { Where } from './error';
import { modelFormat } from './model-formats';

interface Foreign {
  readonly starts: string;
  readonly at?: number;
  readonly is: string;
  readonly fix: string;
}

const downloadAgain = 'What was saved is the web page, not the file behind it. Download the file itself.';
const unpack = 'Unpack it and give the path of the checkpoint inside.';
const otherLibrary =
  'Inference Lens reads files that PyTorch saved and safetensors files: save the weights as one of these.';

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
  { starts: '\u0093NUMPY', is: 'a NumPy array', fix: otherLibrary },
  { starts: 'GGUF', is: 'a GGUF model', fix: otherLibrary },
  { starts: '\u0089PNG', is: 'a PNG image', fix: 'Give the path of a checkpoint.' },
  { starts: '\u00ff\u00d8\u00ff', is: 'a JPEG image', fix: 'Give the path of a checkpoint.' },
];

/** `head` is the first 512 bytes, or all there are. */
export function foreignFormat(head: Buffer, where: Where): CheckpointError {
  const latin1 = head.toString('latin1');
  const known =
    foreign.find(({ starts, at = 0 }) => latin1.startsWith(starts, at)) ?? modelFormat(head, where.file);
  const found = known === null ? beginning(head) : `It is ${known.is}`;
  return new CheckpointError(where, `is not a PyTorch, safetensors or ONNX file. ${found}`, {
    kind: 'unsupported',
    headline: true,
    fix:
      known?.fix ??
      'Inference Lens reads files that torch.save wrote and safetensors files; it recognizes ONNX models by their extension, .onnx.',
  });
}

const SHOWN_CHARACTERS = 24;

/** Text as text, anything else as its first bytes. */
function beginning(head: Buffer): string {
  const line = head.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
  if (/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}\t]{4,}$/u.test(line) && !line.includes('\ufffd'))
    return `It is text that begins with ${quoted(line, SHOWN_CHARACTERS)}`;
  return `It begins with ${head.subarray(0, 8).toString('hex').replace(/../g, '$& ').trim()}`;
}

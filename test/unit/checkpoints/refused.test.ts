/** Files that PyTorch writes and this reader refuses, each with its message (test/reference/checkpoints/fixtures.py). */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckpointError } from '../../../server/src/checkpoints/error';
import { openCheckpoint } from '../../../server/src/checkpoints/open';

const folder = join(__dirname, '..', '..', 'fixtures', 'checkpoints');

/** What the message says after the file's name. */
const dtypes = 'float64, float32, float16, bfloat16, int8, uint8, int16, int32, int64, bool';
const rows: readonly (readonly [file: string, message: string, global?: string])[] = [
  [
    'runs-os-system.pth',
    'would run posix.system when opened with Python\'s pickle (in "runs-os-system/data.pkl", byte 880)',
    'posix.system',
  ],
  ['runs-eval.pth', "would run builtins.eval when opened with Python's pickle (byte 1143)", 'builtins.eval'],
  [
    'runs-import.pth',
    'would run builtins.__import__ when opened with Python\'s pickle (in "runs-import/data.pkl", byte 747)',
    'builtins.__import__',
  ],
  [
    'runs-torch-load.pth',
    'would run torch.serialization.load when opened with Python\'s pickle (in "runs-torch-load/data.pkl", byte 880)',
    'torch.serialization.load',
  ],
  ['whole-model.pth', 'holds an object of __main__.Network; expected a dict of tensors by name'],
  ['torchscript.pt', 'is a TorchScript program (torch.jit.save); expected weights'],
  [
    'quantized.pth',
    'holds quantized tensors (torch._utils._rebuild_qtensor); expected floating-point or integer ones ' +
      '(in "quantized/data.pkl", byte 13)',
  ],
  [
    'sparse.pth',
    'holds sparse tensors (torch._utils._rebuild_sparse_tensor); expected dense ones ' +
      '(in "sparse/data.pkl", byte 13)',
  ],
  [
    'meta.pth',
    'holds tensors without values (torch._utils._rebuild_meta_tensor_no_storage); expected stored ones ' +
      '(in "meta/data.pkl", byte 13)',
  ],
  ['complex.pth', `complex64 is not read. Its tensor "w" has dtype complex64; expected one of ${dtypes}`],
  [
    'float8.pth',
    `float8 is not read; convert to float16. Its tensor "w" has dtype float8_e4m3fn; expected one of ${dtypes}`,
  ],
  ['no-tensors.pth', 'holds no tensors by name; expected a state dict, found "epoch", "loss"'],
  ['one-tensor.pth', 'holds a tensor; expected a dict of tensors by name'],
  ['two-models.pth', 'holds 2 state dicts, "generator", "discriminator"; expected one'],
  ['plain-pickle.pth', 'is a Python pickle of a dict; expected one that torch.save wrote (byte 0)'],
];

for (const [file, message, global] of rows) {
  test(`${file} is refused`, async () => {
    const path = join(folder, file);
    await assert.rejects(openCheckpoint(path), (error: unknown) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.equal(error.message, `${path}: ${message}`);
      assert.equal(error.executes, global);
      assert.equal(error.kind, 'model');
      assert.ok(error.fix);
      return true;
    });
  });
}

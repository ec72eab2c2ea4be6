/** Pass: a value per channel that is spread over a convolution's output and added becomes the convolution's bias. */
import type { GraphEditor } from './editor';
import { sameDims } from '../../onnx/dims';

/** Add(Conv(x, W), Expand(v)) = Conv(x, W, v) for v of shape (1, C, 1, 1). */
export function biasIntoConvolution(editor: GraphEditor): void {
  for (const add of editor.nodes('Add')) {
    const expand = add.inputs
      .map((name) => editor.producer(name, 'Expand'))
      .find((node) => node !== undefined);
    const conv = add.inputs.map((name) => editor.producer(name, 'Conv')).find((node) => node !== undefined);
    const channels = editor.shape(conv?.outputs[0])?.[1];
    if (expand === undefined || conv === undefined || channels === undefined) continue;
    const [value = ''] = expand.inputs;
    const rank = editor.shape(conv.outputs[0])?.length ?? 0;
    const perChannel = [1, channels, ...Array.from({ length: rank - 2 }, () => 1)];
    const spread = sameDims(editor.shape(expand.outputs[0]), editor.shape(conv.outputs[0]));
    const alone = editor.soleConsumer(conv.outputs[0] ?? '', 'Add') === add;
    if (!spread || !alone || conv.inputs.length !== 2 || !sameDims(editor.shape(value), perChannel)) continue;
    editor.replace(add, (emit) =>
      emit.op('Conv', [...conv.inputs, emit.reshape(value, [channels])], Object.fromEntries(conv.attributes)),
    );
  }
}

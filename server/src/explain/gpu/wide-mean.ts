/** Pass: the mean of large planes is a reduction, not a pooling. */
import { elementCount } from '../../onnx/model';
import type { GraphPass } from '../passes';
import { replaced } from '../passes/pass';

/**
 * WebGPU pools with one thread for each result, which adds up a whole plane by itself; the threads of a reduction add up a plane together
 * (onnxruntime 1.30, `pool.cc`, `reduction_ops.cc`). Of few positions the pooling is as good.
 */
const FEW = 1000;

export const wideMean: GraphPass = {
  name: 'wide-mean',
  stage: 'whole',
  layout: 'any',
  operators: ['GlobalAveragePool'],
  rewrite(mean, editor) {
    const [x = ''] = mean.inputs;
    const [, , ...plane] = editor.shape(x) ?? [];
    if (plane.length === 0) return 'the shape is not known';
    if (elementCount(plane) <= FEW) return `the mean of at most ${FEW} positions`;
    return replaced(mean, (emit) =>
      emit.reduce(
        'ReduceMean',
        x,
        plane.map((_, axis) => axis + 2),
      ),
    );
  },
};

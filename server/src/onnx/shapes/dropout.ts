/** Dropout in inference passes its input through; in training it would draw another random mask in every run. */
import { LensError } from '../../errors';
import { describe } from '../node-label';
import type { NodeView, ShapeRule } from './shape-rule';
import { rulesFor } from './shape-rule';

/** ONNX, Dropout: the default ratio. */
const DEFAULT_RATIO = 0.5;

/**
 * Since opset 12 an input switches training on, and its value has to be known: activations, logits and gradients under a random
 * mask differ from run to run, so that no report would hold for another run.
 */
function refuseTraining(view: NodeView): void {
  if (!view.has(2)) return;
  const training = view.numbers(2)[0] !== 0;
  const ratio = view.has(1) ? view.input(1).value?.[0] : DEFAULT_RATIO;
  if (!training || ratio === 0) return;
  throw new LensError(
    'model',
    `${describe(view.node)} is in training mode: it draws a new random mask at every run, which cannot be explained.`,
    { fix: 'Export the model in inference mode: in PyTorch, call model.eval() before torch.onnx.export.' },
  );
}

/** The mask, all true, has the shape of the data; up to opset 9 also its type. */
export const dropoutRules: readonly ShapeRule[] = rulesFor(['Dropout'], (view) => {
  refuseTraining(view);
  const { type, dims } = view.input(0);
  return [view.input(0), { type: view.opset >= 10 ? 'bool' : type, dims }];
});

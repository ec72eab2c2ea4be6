/** Thrown where a gradient cannot pass a node: what comes after it can still be explained. */
import { LensError, type LensErrorOptions } from '../errors';
import type { Node } from '../onnx/model';

export class NoGradient extends LensError {
  constructor(
    readonly node: Node,
    message: string,
    options: LensErrorOptions,
  ) {
    super('model', message, { code: 'no-gradient', ...options });
  }
}

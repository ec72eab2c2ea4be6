/** Whether a tensor can hold one score for each class. */
import { elementCount } from '../../../onnx/model';

interface Facts {
  readonly type: string;
  readonly dims: readonly number[];
}

export type FactsOf = (tensor: string) => Facts | undefined;

/** At most one axis has more than one value: the batch is always one. */
export const isClassList = (facts: Facts | undefined): facts is Facts =>
  facts !== undefined &&
  /float/.test(facts.type) &&
  elementCount(facts.dims) >= 1 &&
  facts.dims.filter((size) => size !== 1).length <= 1;

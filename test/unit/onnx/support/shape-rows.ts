/** Rows of one operator each: what shape inference and the runtime are asked about. */
import type { AttributeInput } from '../../../../server/src/onnx/builder';
import { GraphBuilder, float32Tensor, int64Tensor } from '../../../../server/src/onnx/builder';
import type { ConstantTensor, DataType, Model } from '../../../../server/src/onnx/model';

/** An input of a row: the shape of a float32 graph input, a constant, an input of another type, or '' for omitted. */
export type Operand =
  | readonly number[]
  | ConstantTensor
  | { readonly feed: DataType; readonly dims: readonly number[] }
  | '';

export interface Row {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly attributes?: Readonly<Record<string, AttributeInput>>;
  readonly outputs?: number;
  readonly opset?: number;
}

export const int64 = (...values: number[]): ConstantTensor => int64Tensor(values);
export const scalar = (value: number): ConstantTensor => int64Tensor([value], []);
/** 2^63 is stored as the largest int64. */
export const wide = (value: number): ConstantTensor => ({
  type: 'int64',
  dims: [1],
  data: new Uint8Array(BigInt64Array.of(value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value)).buffer),
});
export const int32 = (value: number): ConstantTensor => ({
  type: 'int32',
  dims: [1],
  data: new Uint8Array(Int32Array.of(value).buffer),
});
export const f32 = (...values: number[]): ConstantTensor => float32Tensor([values.length], values);
export const bool = (...values: number[]): ConstantTensor => ({
  type: 'bool',
  dims: [values.length],
  data: Uint8Array.from(values),
});
export const none = float32Tensor([0], []);

export function modelOf(row: Row): Model {
  const g = new GraphBuilder(row.op);
  const inputs = row.inputs.map((operand, i) => {
    if (operand === '') return '';
    if ('feed' in operand) return g.input(`x${i}`, operand.feed, operand.dims);
    if ('data' in operand) return g.initializer(`c${i}`, operand);
    return g.input(`x${i}`, 'float32', operand);
  });
  const outputs = Array.from({ length: row.outputs ?? 1 }, (_, i) => `y${i}`);
  g.nodeWithOutputs(row.op, inputs, row.attributes ?? {}, outputs);
  for (const output of outputs) g.output(output, 'float32', null);
  return g.model({}, row.opset ?? 17);
}

export const title = (row: Row): string =>
  `${row.op}-${row.opset ?? 17} ${JSON.stringify(row.attributes ?? {})} ${row.inputs
    .map((input) =>
      input === ''
        ? '-'
        : 'length' in input
          ? `[${input.join()}]`
          : `${'data' in input ? 'c' : ''}[${input.dims.join()}]`,
    )
    .join(' ')}`;

/** Operators of onnxruntime's own domain, which its optimizer and its exporters write (docs/ContribOperators.md of onnxruntime). */
import type { Lowering } from '../lowering';
import { microsoftActivations } from './activations';
import { microsoftAttention } from './attention';
import { fusedLowerings } from './fused';
import { blockQuantizedLowerings } from './matmul-n-bits';
import { microsoftNormalizations } from './normalization';

/** Operators that have since joined the standard domain, with the same inputs and attributes. */
const earlier = (...opTypes: readonly string[]): readonly Lowering[] =>
  opTypes.map((opType) => ({
    ...{ domain: 'com.microsoft', opType },
    lower: ({ node, emit }) => [emit.op(opType, node.inputs, Object.fromEntries(node.attributes))],
  }));

export const microsoftLowerings: readonly Lowering[] = [
  ...fusedLowerings,
  ...microsoftActivations,
  ...microsoftNormalizations,
  ...microsoftAttention,
  ...blockQuantizedLowerings,
  ...earlier('GridSample', 'Pad', 'Trilu'),
];

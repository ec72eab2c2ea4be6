/** Operators of onnxruntime's own domain, which its optimizer and its exporters write (docs/ContribOperators.md of onnxruntime). */
import type { Lowering } from '../lowering';
import { microsoftActivations } from './activations';
import { microsoftAttention } from './attention';
import { fusedLowerings } from './fused';
import { microsoftNormalizations } from './normalization';

export const microsoftLowerings: readonly Lowering[] = [
  ...fusedLowerings,
  ...microsoftActivations,
  ...microsoftNormalizations,
  ...microsoftAttention,
];

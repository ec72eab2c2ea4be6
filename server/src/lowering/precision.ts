/** In which arithmetic a file computes, where that is not float32. */
import type { Graph, Node } from '../onnx/model';
import { hasShortFloats } from './float32';

export type Precision = 'float16' | 'quantized';

const QUANTIZED: ReadonlySet<string> = new Set([
  ...['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear', 'QGemm', 'MatMulIntegerToFloat'],
  ...['ConvInteger', 'MatMulInteger', 'DynamicQuantizeMatMul', 'MatMulNBits'],
]);

const isQuantized = ({ opType }: Node): boolean => QUANTIZED.has(opType) || opType.startsWith('QLinear');

/** Null for float32. A quantized file may hold 16-bit floats too: it counts as quantized. */
export function precisionOf(graph: Graph): Precision | null {
  if (graph.nodes.some(isQuantized)) return 'quantized';
  return hasShortFloats(graph) ? 'float16' : null;
}

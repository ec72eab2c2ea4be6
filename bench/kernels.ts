/** Kernel times, arithmetic and memory traffic by kind of operator, read from the runtime's profile of a session. */
import { elementCount } from '../server/src/onnx/model';
import { median } from './table';

export interface Kernels {
  readonly kind: string;
  readonly nodes: number;
  /** Sum over nodes of the median of their runs. */
  readonly milliseconds: number;
  /** Multiply-adds of convolutions and matrix products, in thousands of millions; 0 for others. */
  readonly gigaMacs: number;
  /** Read and written once each, whatever the caches hold. */
  readonly gigabytes: number;
}

type Shape = readonly number[];

interface NodeRun {
  readonly node: string;
  readonly operator: string;
  readonly microseconds: number;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
}

/** Bytes of an element; what is not float32 is small. */
const FLOAT = 4;

/**
 * @param profile JSON as onnxruntime 1.30 writes it: an event a node and run, whose name ends in `_kernel_time`
 * @param warmUp runs at the beginning that are not counted
 */
export function kernelsOf(profile: string, warmUp: number): readonly Kernels[] {
  const byNode = new Map<string, NodeRun[]>();
  for (const run of nodeRuns(profile)) byNode.set(run.node, [...(byNode.get(run.node) ?? []), run]);
  const kinds = new Map<string, Kernels>();
  for (const runs of byNode.values()) {
    const [first] = runs;
    if (first === undefined) continue;
    const kind = kindOf(first);
    const sum = kinds.get(kind) ?? { kind, nodes: 0, milliseconds: 0, gigaMacs: 0, gigabytes: 0 };
    const counted = runs.slice(warmUp).map(({ microseconds }) => microseconds);
    kinds.set(kind, {
      kind,
      nodes: sum.nodes + 1,
      milliseconds: sum.milliseconds + median(counted) / 1e3,
      gigaMacs: sum.gigaMacs + macsOf(first) / 1e9,
      gigabytes: sum.gigabytes + bytesOf(first) / 1e9,
    });
  }
  return [...kinds.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Convolutions by what they do; the depthwise 1x1 ones scale, add or take a sigmoid, element by element. */
function kindOf({ operator, inputs: [, weights = []], outputs: [result = []] }: NodeRun): string {
  if (operator !== 'Conv' && operator !== 'FusedConv') return operator;
  const [outputs = 1, perGroup = 1, ...kernel] = weights;
  const depthwise = perGroup === 1 && outputs > 1;
  const size = kernel.every((k) => k === 1) ? '1x1' : 'k x k';
  const pooled = result.slice(2).every((n) => n === 1) ? ' of pooled channels' : '';
  return `Conv ${depthwise ? 'depthwise ' : ''}${size}${pooled}`;
}

function macsOf({ operator, inputs: [a = [], b = []], outputs: [result = []] }: NodeRun): number {
  if (operator === 'Conv' || operator === 'FusedConv') return elementCount(result) * elementCount(b.slice(1));
  return operator.includes('MatMul') || operator === 'Gemm' ? elementCount(result) * (a.at(-1) ?? 0) : 0;
}

/** A view is not read. */
const bytesOf = ({ operator, inputs, outputs }: NodeRun): number =>
  operator === 'Reshape'
    ? 0
    : FLOAT * [...inputs, ...outputs].reduce((sum, shape) => sum + elementCount(shape), 0);

function nodeRuns(profile: string): readonly NodeRun[] {
  const events = JSON.parse(profile) as readonly ProfileEvent[];
  return events.flatMap(({ cat, name, dur, args }) =>
    cat === 'Node' && name.endsWith('_kernel_time') && args !== undefined
      ? [
          {
            node: name,
            operator: args.op_name,
            microseconds: dur,
            inputs: args.input_type_shape.flatMap((typed) => Object.values(typed)),
            outputs: args.output_type_shape.flatMap((typed) => Object.values(typed)),
          },
        ]
      : [],
  );
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: {
    readonly op_name: string;
    readonly input_type_shape: readonly Readonly<Record<string, Shape>>[];
    readonly output_type_shape: readonly Readonly<Record<string, Shape>>[];
  };
}

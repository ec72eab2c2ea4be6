/**
 * Leaves quantized tensors in real units. A lowered tensor of codes is `clipped / scale + zero point`; dequantizing it
 * gives the clipped tensor, and operators that only move or pick elements can work on the clipped tensor. Codes that nothing
 * reads any more stay in the graph, to be pruned.
 */
import { float32Tensor } from '../../onnx/builder';
import { attribute } from '../../onnx/attributes';
import type { ConstantTensor, Graph, Node } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { PICKS_ELEMENTS } from '../../onnx/moving';
import { isOwnName } from '../../onnx/own-names';
import { renameNode } from '../../onnx/rename';
import { numbersOf } from '../../onnx/typed-data';

/** Suffix of the names of clipped tensors, which `quantized` emits. */
export const CLIPPED = 'clipped';

interface Codes {
  /** The tensor that they are the codes of. */
  readonly clipped: string;
  /** Names of scalar constants; a zero point of 0 is left out. */
  readonly scale: string;
  readonly zero: string | null;
}

/** Elements of the output are elements of the first input, means of them with weights that add up to 1, or their maximum. */
const MOVES: ReadonlySet<string> = new Set([
  ...PICKS_ELEMENTS,
  ...['MaxPool', 'ReduceMax', 'ReduceMin', 'Resize', 'Concat', 'Pad'],
]);

/** @param prefix of new names, which no other tensor of the graph has */
export function inRealUnits(graph: Graph, prefix: string): Graph {
  return new Units(graph, prefix).graph();
}

class Units {
  private readonly codes = new Map<string, Codes>();
  /** Codes less their zero point, by the tensor that holds them. */
  private readonly shifted = new Map<string, Codes>();
  /** The clipped tensor of each dequantized one. */
  private readonly sources = new Map<string, string>();
  /** Clipped tensors, by the file's names of their dequantized tensors. */
  private readonly named = new Map<string, string>();
  private readonly nodes: Node[] = [];
  private readonly initializers: Map<string, ConstantTensor>;
  private readonly outputs: ReadonlySet<string>;

  constructor(
    private readonly given: Graph,
    private readonly prefix: string,
  ) {
    this.initializers = new Map(given.initializers);
    this.outputs = new Set(given.outputs.map(({ name }) => name));
  }

  graph(): Graph {
    for (const node of this.given.nodes) this.place(node);
    if (this.codes.size === 0) return this.given;
    const final = (tensor: string): string => this.named.get(this.source(tensor)) ?? this.source(tensor);
    return {
      ...this.given,
      nodes: this.nodes.map((node) => renameNode(node, final)),
      initializers: this.initializers,
    };
  }

  private readonly source = (tensor: string): string => this.sources.get(tensor) ?? tensor;

  private place(node: Node): void {
    if (this.readBack(node)) return;
    if (!this.moved(node)) this.nodes.push(node);
    this.note(node);
  }

  /** Whether the node only dequantizes a tensor that is already clipped, and is not needed. */
  private readBack({ opType, domain, inputs, outputs }: Node): boolean {
    if (opType !== 'Mul' || domain !== '') return false;
    const [shifted = '', scale] = inputs;
    const codes = this.shifted.get(shifted) ?? this.codes.get(shifted);
    if (codes === undefined || !this.same(scale, codes.scale)) return false;
    if (codes.zero !== null && !this.shifted.has(shifted)) return false;
    const [output = ''] = outputs;
    const taken = this.named.has(codes.clipped);
    if (taken && this.outputs.has(output)) return false;
    if (!taken && !isOwnName(output)) this.named.set(codes.clipped, output);
    this.sources.set(output, codes.clipped);
    return true;
  }

  /** Records the parts of lowered conversions. */
  private note({ opType, domain, inputs, outputs }: Node): void {
    if (domain !== '') return;
    const [x = '', parameter = ''] = inputs;
    const [output = ''] = outputs;
    const before = this.codes.get(x);
    if (opType === 'Div' && isOwnName(x) && x.endsWith(`/${CLIPPED}`))
      this.codes.set(output, { clipped: x, scale: parameter, zero: null });
    if (before === undefined || !this.initializers.has(parameter)) return;
    if (opType === 'Add' && isOwnName(x) && before.zero === null)
      this.codes.set(output, { ...before, zero: parameter });
    if (opType === 'Sub' && before.zero !== null && this.same(before.zero, parameter))
      this.shifted.set(output, before);
  }

  /** The same of the clipped tensor, and codes made of the result. */
  private moved(node: Node): boolean {
    const { opType, domain, inputs, outputs } = node;
    if (!MOVES.has(opType) || domain !== '') return false;
    const codes = this.codes.get(inputs[0] ?? '');
    if (codes === undefined) return false;
    const read = this.inputsOf(node, codes);
    if (read === null || (opType === 'MaxPool' && (outputs[1] ?? '') !== '')) return false;
    const made = outputs.map((output) => (output === '' ? '' : `${this.prefix}${output}/${CLIPPED}`));
    this.nodes.push({ ...node, inputs: read, outputs: made });
    outputs.forEach((output, i) => {
      if (output !== '') this.remake(node, output, { ...codes, clipped: made[i] ?? '' });
    });
    return true;
  }

  /** Null where the node does something else with codes than with real values. */
  private inputsOf(node: Node, codes: Codes): readonly string[] | null {
    const { opType, inputs } = node;
    const [, ...others] = inputs;
    if (opType === 'Concat') {
      const parts = inputs.map((input) => this.codes.get(input));
      const alike = parts.every((part) => part !== undefined && this.alike(part, codes));
      return alike ? parts.map((part) => part?.clipped ?? '') : null;
    }
    if (opType === 'Pad') return this.padded(node, codes);
    if (
      opType === 'Resize' &&
      attribute(node, 'coordinate_transformation_mode', 'string') === 'tf_crop_and_resize'
    )
      return null;
    return [codes.clipped, ...others];
  }

  /** The padding value of codes is a code itself: 0 by default. */
  private padded(node: Node, codes: Codes): readonly string[] | null {
    const { inputs } = node;
    const [, pads = '', value = '', ...axes] = inputs;
    const mode = attribute(node, 'mode', 'string') ?? 'constant';
    if (mode !== 'constant') return [codes.clipped, ...inputs.slice(1)];
    const code = value === '' ? 0 : this.number(value);
    const [scale, zero] = [this.number(codes.scale), codes.zero === null ? 0 : this.number(codes.zero)];
    if (code === null || scale === null || zero === null) return null;
    const name = `${this.prefix}${codes.clipped}/padding/${code}`;
    this.initializers.set(name, float32Tensor([], [(code - zero) * scale]));
    return [codes.clipped, pads, name, ...axes];
  }

  private remake({ name, ...node }: Node, output: string, codes: Codes): void {
    const between = codes.zero === null ? output : `${codes.clipped}/scaled`;
    const of = (opType: string, inputs: readonly string[], made: string): Node => ({
      ...node,
      ...{
        opType,
        inputs,
        outputs: [made],
        name: `${name === '' ? output : name}/${opType}`,
        attributes: new Map(),
      },
    });
    this.nodes.push(of('Div', [codes.clipped, codes.scale], between));
    if (codes.zero !== null) this.nodes.push(of('Add', [between, codes.zero], output));
    this.codes.set(output, codes);
  }

  private alike(a: Codes, b: Codes): boolean {
    return this.same(a.scale, b.scale) && (a.zero === b.zero || this.same(a.zero ?? '', b.zero ?? ''));
  }

  private same(a = '', b = ''): boolean {
    if (a === b) return true;
    const [one, other] = [this.initializers.get(a), this.initializers.get(b)];
    if (one === undefined || other === undefined || isExternal(one.data) || isExternal(other.data))
      return false;
    const bytes = other.data;
    return (
      one.type === other.type &&
      one.data.length === bytes.length &&
      one.data.every((byte, i) => byte === bytes[i])
    );
  }

  private number(name: string): number | null {
    const tensor = this.initializers.get(name);
    const numbers = tensor === undefined ? null : numbersOf(tensor);
    return numbers?.length === 1 ? (numbers[0] ?? null) : null;
  }
}

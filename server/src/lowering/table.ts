/** The table of lowerings by domain and operator, those for old operator sets first; complete when loaded. */
import type { Node } from '../onnx/model';
import type { Lowering } from './lowering';
import { microsoftLowerings } from './microsoft';
import { activationLowerings } from './operators/activations';
import { attentionLowerings } from './operators/attention';
import { borderLowerings } from './operators/borders';
import { col2ImLowerings } from './operators/col2im';
import { deformableLowerings } from './operators/deformable';
import { einsumLowerings } from './operators/einsum';
import { normalizationLowerings } from './operators/normalization';
import { poolingLowerings } from './operators/pooling';
import { recurrentLowerings } from './operators/recurrent';
import { rotaryLowerings } from './operators/rotary';
import { samplingLowerings } from './operators/sampling';
import { quantizedLowerings } from './quantized/linear';
import { quantizedOperatorLowerings } from './quantized/operators';
import { formUpgrades } from './upgrades/forms';
import { resizeUpgrades } from './upgrades/resize';
import { softmaxUpgrades } from './upgrades/softmax';

const lowerings: readonly Lowering[] = [
  ...formUpgrades,
  ...resizeUpgrades,
  ...softmaxUpgrades,
  ...activationLowerings,
  ...attentionLowerings,
  ...borderLowerings,
  ...col2ImLowerings,
  ...deformableLowerings,
  ...einsumLowerings,
  ...normalizationLowerings,
  ...poolingLowerings,
  ...recurrentLowerings,
  ...rotaryLowerings,
  ...samplingLowerings,
  ...microsoftLowerings,
  ...quantizedLowerings,
  ...quantizedOperatorLowerings,
];

const keyOf = (domain: string, opType: string): string => `${domain === 'ai.onnx' ? '' : domain}:${opType}`;

/** @throws Error if two lowerings of an operator apply to the same operator sets */
function tableOf(all: readonly Lowering[]): ReadonlyMap<string, readonly Lowering[]> {
  const table = new Map<string, Lowering[]>();
  for (const lowering of all) {
    const key = keyOf(lowering.domain ?? '', lowering.opType);
    const others = table.get(key) ?? [];
    if (others.some(({ below }) => below === lowering.below)) throw new Error(`"${key}" has two lowerings.`);
    table.set(
      key,
      [...others, lowering].sort((a, b) => (a.below ?? Infinity) - (b.below ?? Infinity)),
    );
  }
  return table;
}

const table = tableOf(lowerings);

/** Its tensors are in blocks whose size depends on the CPU: only onnxruntime can read them. */
const BLOCKED = 'com.microsoft.nchwc';

const refuseBlocked: Lowering = {
  ...{ domain: BLOCKED, opType: '' },
  lower: (ctx) =>
    ctx.refuse(
      'onnxruntime has optimized the file for one CPU (level "all") and laid out its tensors in blocks; give the file that it was made from, or one of level "extended"',
    ),
};

/** The lowering of a node of this operator set; undefined where later steps know the operator itself. */
export const loweringOf = ({ domain, opType }: Node, opset: number): Lowering | undefined =>
  domain === BLOCKED
    ? refuseBlocked
    : table.get(keyOf(domain, opType))?.find(({ below = Infinity }) => opset < below);

/** Decides once for a network what turns its outputs into probabilities: the option, else its graph, else 16 seeded inputs. */
import type { ActivationChoice } from '../../../../protocol/report';
import { throwIfAborted } from '../../errors';
import { buildForwardGraph } from '../../explain/forward';
import { readExternal } from '../../onnx/external-data';
import type { ConstantTensor } from '../../onnx/model';
import { isExternal } from '../../onnx/model';
import { encodeModel } from '../../onnx/write';
import { createSession } from '../../runtime/onnxruntime';
import type { Activation } from './activation';
import { chosenActivation, ofLogits } from './activation';
import { endsInLogits } from './head/linear-end';
import { givesProbabilities, INPUTS, seededInput } from './head/measured';
import type { Network } from './weights';
import { withWeightsInMemory } from './weights-in-memory';

export interface DecidedNetwork extends Network {
  readonly activation: Activation;
}

/**
 * A choice that contradicts the graph is reported where its source is known (`lens/constraints.ts`).
 * @throws LensError of kind `model` if the network cannot be run
 */
export async function decideActivation(
  network: Network,
  choice: ActivationChoice,
  signal?: AbortSignal,
): Promise<DecidedNetwork> {
  const { activation, classes, outputs, width } = network;
  if (choice === 'auto') return { ...network, activation: activation ?? (await measured(network, signal)) };
  if (choice === activation?.kind) return { ...network, activation: { ...activation, origin: 'option' } };
  const chosen = chosenActivation(choice, classes);
  if (choice !== 'none') return { ...network, activation: chosen };
  return { ...network, logits: outputs, classes: width, activation: chosen };
}

/** The sum of a single output shows nothing: without an activation it is a logit. */
async function measured(network: Network, signal?: AbortSignal): Promise<Activation> {
  const { input, logits, classes } = network;
  if (classes === 1) return ofLogits(1, 'assumed', 'nothing follows the last layer of the file');
  const read = (name: string, tensor: ConstantTensor) => valuesOf(network, name, tensor);
  if (await endsInLogits(network.model.graph, logits, classes, read))
    return ofLogits(
      classes,
      'assumed',
      'the last layer of the file is linear, and its weights are not those of a mixture',
    );
  const model = buildForwardGraph(await withWeightsInMemory(network), input.shape, [logits]);
  // Usually run once: optimizing it would take longer than it saves.
  const options = { provider: 'cpu', optimization: 'disabled', source: network.source } as const;
  const session = await createSession(encodeModel(model), options);
  try {
    const given = await givesProbabilities(async (index) => {
      throwIfAborted(signal);
      const image = { type: 'float32', dims: input.shape, data: seededInput(index, input.shape) } as const;
      const { [logits]: values } = await session.run({ [input.name]: image });
      return values?.type === 'float32' ? values.data : [];
    });
    if (!given)
      return ofLogits(classes, 'assumed', 'for seeded inputs the outputs of the file are not probabilities');
    return {
      ...{ kind: 'none', origin: 'measured', multiLabel: false, probabilities: null },
      evidence: `no activation was found, and for ${INPUTS} seeded inputs all outputs lie between 0 and 1 and sum to 1`,
    };
  } finally {
    await session.dispose();
  }
}

async function valuesOf(
  { folder }: Network,
  name: string,
  { type, data }: ConstantTensor,
): Promise<Float32Array | null> {
  if (type !== 'float32' || (isExternal(data) && folder === null)) return null;
  const bytes = isExternal(data) ? await readExternal(folder ?? '', data, `tensor "${name}"`) : data;
  return new Float32Array(bytes.slice().buffer); // ONNX is little-endian, as every platform of the runtime is
}

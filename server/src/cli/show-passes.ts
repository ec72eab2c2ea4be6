/** `inference-lens models show --passes`: which pass over the explain graph fired how often, and why the others did not. */
import { counted } from '../lens/describe-schema';
import type { DefaultWeights } from '../pipeline/network/weights';
import { resolveWeights } from '../pipeline/network/weights';
import type { ListedPass, ListedPasses } from '../pipeline/network/list-passes';
import { listPasses } from '../pipeline/network/list-passes';
import type { Provider } from '../runtime/session';
import type { ModelStore } from '../store/store';
import type { Out } from './show-model';

/**
 * @param model a file, an id of the store, or `demo`
 * @param device a kind of device that need not be there
 */
export async function showPasses(
  store: ModelStore,
  model: string,
  device: Provider,
  json: boolean,
  signal: AbortSignal,
  { say, sayJson }: Out,
): Promise<void> {
  const wanted = { weights: model, architecture: null, stateDict: null };
  const weights = await resolveWeights(wanted, DEMO, store);
  const listed = await listPasses(weights, device, signal);
  if (json) sayJson({ model: weights.name, ...listed });
  else for (const line of lines(weights.name, listed)) say(line);
}

/** As in the lens `fsbi`, the only one with weights of its own. */
const DEMO: DefaultWeights = {
  ...{ id: null, architecture: 'efficientnet_pytorch/b5', classes: 2, subject: 'models show --passes' },
};

function lines(model: string, listed: ListedPasses): readonly string[] {
  const { device, layers, nodes, run, forward, block, passes } = listed;
  const layout = block === null ? 'in plain planes' : `in blocks of ${block}`;
  const operators = run.operators.map((each) => `${each.operator} ${each.nodes}`).join(', ');
  return [
    `${model}: Grad-CAM of ${layers} layers, ${nodes} nodes, channels ${layout}, for ${device}`,
    `for each picture ${run.nodes} of them (forward pass alone: ${forward.nodes}), before the runtime joins some: ${operators}`,
    ...passes.flatMap(linesOf),
  ];
}

function linesOf({ name, ran, layout, operators, seen, fired, left }: ListedPass): readonly string[] {
  if (!ran) return [`${name}: not for this network, only for channels in ${OTHER_LAYOUT[layout]}`];
  const looked = operators.join(', ');
  if (seen === 0) return [`${name}: did not fire, there is no ${operators.join(' or ')}`];
  return [
    `${name}: ${fired === 0 ? 'did not fire' : 'fired'} on ${fired === 0 ? '' : `${fired} of `}${counted(seen, 'node')} (${looked})`,
    ...left.map(({ why, nodes }) => `  ${String(nodes).padStart(5)} left: ${why}`),
  ];
}

const OTHER_LAYOUT: Readonly<Record<ListedPass['layout'], string>> = {
  any: 'any layout',
  plain: 'plain planes',
  blocked: 'blocks',
};

/** A tool for agents, with this engine's analysis, details and checks. */
import type { ToolAnswer } from '../../../protocol/agent-tools';
import { AGENT_TOOLS } from '../../../protocol/agent-tools';
import type { TaskGiven } from '../../../protocol/engine';
import { callTool as call, isTool } from '../agents/call';
import { LensError } from '../errors';
import { drawReport } from '../pipeline/draw-report';
import { layerDetails } from '../pipeline/layer-details';
import { checkLens } from '../pipeline/lens-check/check';
import { analyze } from '../pipeline/run';
import type { Resources, TaskHooks } from './resources';

/** @throws LensError of kind `usage` for an unknown tool and wrong arguments, else what the tool's work fails with */
export function callTool(
  { tool, input, options, trusted = true }: TaskGiven<'callTool'>,
  { bench, kept, networks }: Resources,
  hooks: TaskHooks,
): Promise<ToolAnswer> {
  if (!isTool(tool))
    throw new LensError('usage', `There is no tool "${tool}".`, {
      fix: `Tools are ${Object.keys(AGENT_TOOLS).join(', ')}.`,
    });
  const { signal } = hooks;
  const { memoryLimit } = options;
  return call(tool, argumentsIn(input), {
    ...{ store: bench.store, options },
    analyze: (image, asked) => analyze(image, asked, bench, { ...hooks, trusted }),
    layerDetails: async (folder, layer, channels) => {
      await drawReport(folder, bench, signal); // the layer's picture comes with its details
      return layerDetails({ folder, layer, channels, memoryLimit }, bench.store, kept, signal);
    },
    checkLens: (path) => checkLens({ path, text: null }, { store: bench.store, networks, trusted, signal }),
  });
}

function argumentsIn(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    throw new LensError('usage', "The tool's arguments should be JSON; found other text.");
  }
}

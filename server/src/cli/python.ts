/** `inference-lens python`: a script that computes a number of a report again. */
import { resolve } from 'node:path';
import { CAM_METHODS, type CamMethod, type SnippetSubject } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { createEngine } from '../engine/engine';
import { printable, printableJson } from '../printable';
import { DONE } from './exit-codes';
import { parseCommand } from './options';

interface Asked {
  readonly layer?: string | undefined;
  readonly method?: string | undefined;
  readonly channel?: string | undefined;
  readonly activation: boolean;
}

export async function runPython(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    layer: { type: 'string' },
    method: { type: 'string' },
    channel: { type: 'string' },
    activation: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0)
    throw new LensError(
      'usage',
      `python expects the folder of one report; found "${positionals.join(' ')}".`,
      {
        fix: 'For example: inference-lens python out/photo/result --layer features.18',
      },
    );
  const engine = createEngine();
  try {
    const question = { folder: resolve(folder), ...questionOf(values) };
    const snippet = await engine.run('pythonSnippet', question, { signal });
    process.stdout.write(values.json ? `${printableJson(snippet)}\n` : printable(snippet.text));
    return DONE;
  } finally {
    await engine.dispose();
  }
}

/** Without a layer the verdict; of a layer its heatmap, unless something else of it is requested. */
function questionOf({ layer, method, channel, activation }: Asked) {
  const others = [method, channel, activation ? '' : undefined].filter((one) => one !== undefined).length;
  if (others > 1 || (layer === undefined && others > 0))
    throw new LensError('usage', 'With --layer, give at most one of --method, --channel and --activation.', {
      fix: 'For example: inference-lens python out/photo/result --layer features.18 --channel 3',
    });
  const subject: SnippetSubject =
    layer === undefined
      ? 'verdict'
      : activation
        ? 'activation'
        : channel === undefined
          ? 'heatmap'
          : 'channel';
  return { subject, layer: layer ?? null, method: methodIn(method), channel: channelIn(channel) };
}

function methodIn(text: string | undefined): CamMethod | null {
  if (text === undefined) return null;
  const found = CAM_METHODS.find(({ id }) => id === text);
  if (found !== undefined) return found.id;
  throw new LensError('usage', `There is no method "${text}".`, {
    fix: `Methods are ${CAM_METHODS.map(({ id }) => id).join(', ')}.`,
  });
}

function channelIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new LensError('usage', `Expected the index of a channel, from 0; found "${text}".`, {
    fix: 'For example: --channel 3',
  });
}

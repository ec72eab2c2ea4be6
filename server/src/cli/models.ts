/** `inference-lens models`: weights in and out of the store. */
import { resolve } from 'node:path';
import type { ModelSummary } from '../../../protocol/requests';
import { DEVICES, idsOf } from '../../../protocol/vocabulary';
import { createEngine, type Engine } from '../engine/engine';
import type { TaskHooks } from '../engine/resources';
import { LensError } from '../errors';
import { readLens } from '../lens/lens-file';
import { portableLens } from '../lens/portable-lens';
import { oneLine, printableJson } from '../printable';
import type { Provider } from '../runtime/session';
import { DONE } from './exit-codes';
import { parseCommand } from './options';
import { isModelFile, showFile } from './show-file';
import { Terminal } from './terminal';

interface Call {
  readonly engine: Engine;
  /** The word after the command: a file or an id. */
  readonly subject: string;
  readonly as: string | null;
  readonly architecture: string | null;
  readonly stateDict: string | null;
  /** Path of a lens that is kept with the weights. */
  readonly lens: string | null;
  /** Show what the passes over the explain graph do. */
  readonly passes: boolean;
  /** Whose explain graph `passes` is about. */
  readonly device: Provider;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

const commands: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  list: async ({ json, engine, terminal }) => {
    const models = await engine.run('listModels', {});
    if (json) {
      sayJson(models);
      return;
    }
    for (const { id, installed, architecture, title } of models)
      say(`${installed ? '*' : ' '} ${id.padEnd(24)} ${architecture.padEnd(30)} ${title}`);
    say('* in the store; others: inference-lens models show <id>');
    await engine.store.list((error) => terminal.failure(null, error));
  },

  import: async (call) => {
    const { engine, subject, as: id, architecture, stateDict } = call;
    const given = { path: resolve(subject), id, architecture, stateDict };
    const lens =
      call.lens === null ? null : await portableLens(await readLens(resolve(call.lens)), { trusted: true });
    const model = await engine.run('importModel', given, hooks(call, `importing ${subject}`));
    if (lens !== null) await engine.store.rewrite(model.id, { lens });
    await printModel(call, model);
  },

  download: async (call) => {
    const { engine, subject } = call;
    await printModel(
      call,
      await engine.run('downloadModel', { id: subject }, hooks(call, `downloading ${subject}`)),
    );
  },

  show: async ({ engine, subject, passes, device, json, signal }) => {
    const out = { say, sayJson };
    if (passes) {
      const { showPasses } = await import('./show-passes');
      return showPasses(engine.store, subject, device, json, signal, out);
    }
    if (isModelFile(subject)) return showFile(engine, resolve(subject), json, signal, out);
    return (await import('./show-model')).showModel(engine.store, subject, json, signal, out);
  },

  remove: async ({ engine, subject }) => {
    const { id, bytes } = await engine.store.remove(subject);
    say(`Removed ${id} (${megabytes(bytes)}).`);
  },

  verify: async ({ engine, subject, signal }) => {
    const { id, sha256 } = await engine.store.verify(subject, signal);
    say(`${id} is intact: sha256 ${sha256}`);
  },
};

/** Options that only some commands understand: given to another they would be silently ignored. */
const onlyFor = {
  as: ['import'],
  architecture: ['import'],
  'state-dict': ['import'],
  lens: ['import'],
  passes: ['show'],
  device: ['show'],
  json: ['list', 'import', 'download', 'show'],
} as const;

function checkOptions(name: string, given: Readonly<Record<keyof typeof onlyFor, unknown>>): void {
  for (const option of Object.keys(onlyFor) as (keyof typeof onlyFor)[]) {
    const understood: readonly string[] = onlyFor[option];
    if (given[option] === undefined || given[option] === false || understood.includes(name)) continue;
    throw new LensError('usage', `models ${name} takes no --${option}.`, {
      fix: `Leave it out: it is for models ${understood.join(', ')}.`,
    });
  }
}

export async function runModels(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    as: { type: 'string' },
    architecture: { type: 'string' },
    'state-dict': { type: 'string' },
    lens: { type: 'string' },
    passes: { type: 'boolean', default: false },
    device: { type: 'string' },
    json: { type: 'boolean', default: false },
    quiet: { type: 'boolean', short: 'q', default: false },
  });
  const [name = 'list', subject, ...rest] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const complete = name === 'list' ? subject === undefined : subject !== undefined && rest.length === 0;
  if (command === undefined || !complete) {
    throw new LensError(
      'usage',
      `models expects a command and one file or id; found "${positionals.join(' ')}".`,
      {
        fix: 'For example: inference-lens models import best_model.tar --as fsbi; models list; models show fsbi',
      },
    );
  }
  const { as, architecture, 'state-dict': stateDict, lens, passes, device, json } = values;
  checkOptions(name, { as, architecture, 'state-dict': stateDict, lens, passes, device, json });
  const engine = createEngine();
  try {
    await command({
      engine,
      subject: subject ?? '',
      as: as ?? null,
      architecture: architecture ?? null,
      stateDict: stateDict ?? null,
      lens: lens ?? null,
      passes,
      device: deviceOfPasses(device, passes),
      json,
      signal,
      terminal: new Terminal(values.quiet),
    });
  } finally {
    await engine.dispose();
  }
  return DONE;
}

/** @throws LensError of kind `usage` */
function deviceOfPasses(given: string | undefined, passes: boolean): Provider {
  if (given !== undefined && !passes)
    throw new LensError('usage', 'models show takes --device only with --passes.', {
      fix: 'Add --passes, or leave --device out: nothing else of a model depends on the device.',
    });
  const devices = idsOf(DEVICES);
  const found = devices.find((device) => device === (given ?? 'cpu'));
  if (found !== undefined) return found;
  throw new LensError('usage', `--device expects one of ${devices.join(', ')}; found "${given ?? ''}".`, {
    fix: 'The device need not be there: passes depend on its kind alone.',
  });
}

/** @param what moves, in the words of the command line */
const hooks = ({ signal, terminal }: Pick<Call, 'signal' | 'terminal'>, what: string): TaskHooks => ({
  signal,
  moved: (_, done, total) => terminal.transfer(what, done, total),
  note: (text) => terminal.note(text),
});

/** Prints what was added to the store. */
async function printModel({ engine, terminal, json }: Call, { id: stored }: ModelSummary): Promise<void> {
  terminal.clear();
  const model = await engine.store.get(stored);
  if (json) {
    sayJson(model);
    return;
  }
  const { id, architecture, parameters, bytes, task, notes } = model;
  say(
    `${id}: ${architecture} (${task}), ${(parameters / 1e6).toFixed(1)} million values, ${megabytes(bytes)}`,
  );
  for (const note of notes) say(`  ${note}`);
}

const say = (line: string): void => void process.stdout.write(`${oneLine(line)}\n`);
const sayJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

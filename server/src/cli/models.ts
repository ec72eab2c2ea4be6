/** `inference-lens models`: weights in and out of the store. */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { createEngine } from '../engine/engine';
import { LensError } from '../errors';
import { oneLine, printableJson } from '../printable';
import { findCard, readCards } from '../store/card';
import { fetchModel } from '../store/fetch-model';
import type { StoredModel } from '../store/entry';
import type { ModelStore } from '../store/store';
import { DONE } from './exit-codes';
import { parseStrict } from './options';
import { showModel } from './show-model';
import { Terminal } from './terminal';

interface Call {
  readonly store: ModelStore;
  /** The word after the command: a file or an id. */
  readonly subject: string;
  readonly as: string | undefined;
  readonly architecture: string | undefined;
  readonly stateDict: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

const commands: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  list: async ({ json, store, terminal }) => {
    const engine = createEngine();
    try {
      const models = await engine.listModels();
      if (json) {
        sayJson(models);
        return;
      }
      for (const { id, installed, architecture, title } of models)
        say(`${installed ? '*' : ' '} ${id.padEnd(24)} ${architecture.padEnd(30)} ${title}`);
      say('* in the store; others: inference-lens models show <id>');
      await store.list((error) => terminal.failure(null, error));
    } finally {
      await engine.dispose();
    }
  },

  import: async ({ store, subject, as, architecture, stateDict, signal, terminal, json }) => {
    const path = resolve(subject);
    const model = await store.import(path, {
      signal,
      progress: (done, total) => terminal.transfer(`importing ${subject}`, done, total),
      ...(as === undefined ? {} : { id: as }),
      ...(architecture === undefined ? {} : { architecture }),
      ...(stateDict === undefined ? {} : { stateDict }),
    });
    terminal.clear();
    report(model, json);
  },

  download: async ({ store, subject, signal, terminal, json }) => {
    const card = findCard(subject, readCards());
    const model = await fetchModel(card, store, {
      signal,
      progress: (done, total) => terminal.transfer(`downloading ${card.id}`, done, total),
      waiting: (holder) =>
        terminal.note(
          `Process ${holder?.pid ?? 'unknown'}${holder === null ? '' : ` on ${holder.host}`} is downloading ${card.id}: waiting for it.`,
        ),
    });
    terminal.clear();
    if (card.sha256 === null && card.sha256Prefix === undefined)
      terminal.note('The publisher states no checksum, so only the structure of the file was checked.');
    report(model, json);
  },

  show: ({ store, subject, json, signal }) => showModel(store, subject, json, signal, { say, sayJson }),

  remove: async ({ store, subject }) => {
    const { id, bytes } = await store.remove(subject);
    say(`Removed ${id} (${megabytes(bytes)}).`);
  },

  verify: async ({ store, subject, signal }) => {
    const { id, sha256 } = await store.verify(subject, signal);
    say(`${id} is intact: sha256 ${sha256}`);
  },
};

/** Options that only some commands understand: given to another they would be passed over in silence. */
const onlyFor = {
  as: ['import'],
  architecture: ['import'],
  'state-dict': ['import'],
  json: ['list', 'import', 'download', 'show'],
} as const;

function checkOptions(name: string, given: Readonly<Record<keyof typeof onlyFor, unknown>>): void {
  for (const option of ['as', 'architecture', 'state-dict', 'json'] as const) {
    const understood: readonly string[] = onlyFor[option];
    if (given[option] === undefined || given[option] === false || understood.includes(name)) continue;
    throw new LensError('usage', `models ${name} takes no --${option}.`, {
      fix: `Leave it out: it is for models ${understood.join(', ')}.`,
    });
  }
}

export async function runModels(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseStrict(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: {
        as: { type: 'string' },
        architecture: { type: 'string' },
        'state-dict': { type: 'string' },
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', short: 'q', default: false },
      },
    }),
  );
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
  const { as, architecture, 'state-dict': stateDict, json } = values;
  checkOptions(name, { as, architecture, 'state-dict': stateDict, json });
  const engine = createEngine();
  const terminal = new Terminal(values.quiet);
  await command({
    store: engine.store,
    subject: subject ?? '',
    as,
    architecture,
    stateDict,
    json,
    signal,
    terminal,
  });
  return DONE;
}

function report(model: StoredModel, json: boolean): void {
  const { id, architecture, parameters, bytes, task, notes } = model;
  const size = `${(parameters / 1e6).toFixed(1)} million values, ${megabytes(bytes)}`;
  if (json) {
    sayJson(model);
    return;
  }
  say(`${id}: ${architecture} (${task}), ${size}`);
  for (const note of notes) say(`  ${note}`);
}

const say = (line: string): void => void process.stdout.write(`${oneLine(line)}\n`);
const sayJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** `inference-lens lens`: lenses written, checked and shown. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { LensError } from '../errors';
import { adoptOrder } from '../evaluation/detective/adopt';
import { labelsOfLens } from '../lens/lens-labels';
import { builtInLens, builtInLenses, builtInText, openLens, readText } from '../lens/lens-file';
import { InvalidLens } from '../lens/parse';
import { lensSchema } from '../lens/schema';
import type { InspectedLens } from '../pipeline/inspect-lens';
import { inspectLens, tryPicture } from '../pipeline/inspect-lens';
import { checkLens } from '../pipeline/lens-check/check';
import { createLens } from '../pipeline/lens-check/create';
import { InspectedNetworks } from '../pipeline/lens-check/networks';
import { ModelStore } from '../store/store';
import { cacheRoot } from '../system/paths';
import { oneLine, printable, printableJson } from '../printable';
import { DONE, exitCodes } from './exit-codes';
import { parseCommand } from './options';

interface Call {
  readonly subject: string;
  /** A picture to try the steps on. */
  readonly image: string | null;
  /** Folder of an evaluation. */
  readonly from: string | null;
  readonly json: boolean;
}

interface Command {
  /** The argument after the command; null where there is none. */
  readonly subject: string | null;
  readonly json: boolean;
  readonly run: (call: Call) => Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  schema: {
    ...{ subject: null, json: false },
    run: () => {
      process.stdout.write(`${JSON.stringify(lensSchema(), null, 2)}\n`);
      return Promise.resolve(DONE);
    },
  },
  list: { subject: null, json: true, run: ({ json }) => Promise.resolve(list(json)) },
  show: { subject: 'a lens', json: false, run: show },
  init: { subject: 'a model', json: false, run: init },
  check: { subject: 'a lens', json: true, run: check },
  adopt: { subject: 'a lens', json: false, run: adopt },
};

export async function runLens(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, {
    json: { type: 'boolean', default: false },
    image: { type: 'string' },
    from: { type: 'string' },
  });
  const [name = '', subject, ...rest] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new LensError('usage', `lens expects a command; found ${JSON.stringify(name)}.`, {
      fix: `Commands are ${Object.keys(commands).join(', ')}; for example: inference-lens lens check mine.lens.json`,
    });
  if ((subject === undefined) !== (command.subject === null) || rest.length > 0)
    throw new LensError(
      'usage',
      `lens ${name} expects ${command.subject ?? 'no further argument'}; found "${positionals.slice(1).join(' ')}".`,
    );
  if (values.json && !command.json) throw new LensError('usage', `lens ${name} takes no --json.`);
  if (values.image !== undefined && name !== 'check')
    throw new LensError('usage', `lens ${name} takes no --image.`);
  if ((values.from !== undefined) !== (name === 'adopt'))
    throw new LensError('usage', `lens ${name} ${name === 'adopt' ? 'needs' : 'takes no'} --from.`, {
      fix: 'For example: inference-lens lens adopt mine.lens.json --from inference-lens-evaluation/evaluation',
    });
  const { json, image = null, from = null } = values;
  return command.run({ subject: subject ?? '', json, image, from });
}

function list(json: boolean): number {
  for (const name of builtInLenses()) {
    const { description = '', model = null } = builtInLens(name)?.lens ?? {};
    if (json) sayJson({ name, description, model });
    else say(`${name.padEnd(14)} ${description}`);
  }
  return DONE;
}

/** --from is a finished evaluation, or the folder that contains one. */
async function adopt({ subject, from }: Call): Promise<number> {
  const given = resolve(from ?? '');
  const inside = join(given, 'evaluation');
  const { lens, after, isNew } = await adoptOrder(existsSync(inside) ? inside : given, resolve(subject));
  const some = after.slice(0, 5).join(', ') + (after.length > 5 ? ', ...' : '');
  say(
    `${lens} ${isNew ? 'was created with' : 'now has'} the labels ${some}. Evaluate the set again with it.`,
  );
  return DONE;
}

async function show({ subject }: Call): Promise<number> {
  const { path, name } = await openLens(subject);
  process.stdout.write(printable(path === null ? builtInText(name) : await readText(path)));
  return DONE;
}

/** Every problem on a line of its own: `file:line:column: ...`, which editors and CI parse. */
async function check({ subject, json, image }: Call): Promise<number> {
  try {
    const lens = await openLens(subject);
    const labels = await labelsOfLens(lens, { trusted: true });
    const found = { ok: true, lens: lens.path ?? lens.name, classes: labels?.labels.length ?? null };
    const model = lens.lens.model === undefined ? null : await inspectLens({ lens: subject }, storeHere());
    if (image !== null) {
      if (model === null)
        throw new LensError(
          'usage',
          `${found.lens} names no model, so its steps cannot be tried on a picture.`,
        );
      await tryPicture(model, resolve(image));
    }
    const { errors, warnings } = await furtherProblems(lens.path);
    if (errors.length > 0) return refuse(subject, [...errors, ...warnings], json);
    const shape = model?.shape ?? null;
    if (json) {
      sayJson({ ...found, model: model?.weights.name ?? null, shape, warnings });
      return DONE;
    }
    for (const warning of warnings) process.stderr.write(`${oneLine(warning)}\n`);
    const fits =
      model === null ? '' : ` that fits ${model.weights.name}, which takes ${pictures(model.shape)}`;
    say(`${found.lens} is a lens${fits}.`);
    if (image !== null && model !== null) say(tried(image, model));
    return DONE;
  } catch (thrown) {
    if (!(thrown instanceof InvalidLens)) throw thrown;
    return refuse(subject, thrown.problems, json);
  }
}

/** @param shape [1, channels, height, width], whatever the axes of the file itself */
const pictures = ([, channels, height, width]: readonly number[]): string =>
  `${width} x ${height} pixels (width x height) in ${channels} channel${channels === 1 ? '' : 's'}`;

function refuse(lens: string, problems: readonly string[], json: boolean): number {
  if (json) sayJson({ ok: false, lens, problems });
  else for (const problem of problems) process.stderr.write(`${oneLine(problem)}\n`);
  return exitCodes.usage;
}

/** Of layers, target and steps, which are compared with the network only once everything else fits it. */
async function furtherProblems(
  path: string | null,
): Promise<{ readonly errors: readonly string[]; readonly warnings: readonly string[] }> {
  if (path === null) return { errors: [], warnings: [] };
  const around = { store: storeHere(), networks: new InspectedNetworks(), trusted: true };
  const { problems } = await checkLens({ path, text: null }, around);
  const messages = (wanted: 'error' | 'warning'): readonly string[] =>
    problems
      .filter(({ severity }) => severity === wanted)
      .map(({ line, column, message, fix }) => {
        const what = wanted === 'warning' ? 'warning: ' : '';
        return `${path}:${line}:${column}: ${what}${message}${fix === null ? '' : ` ${fix}`}`;
      });
  return { errors: messages('error'), warnings: messages('warning') };
}

const tried = (image: string, { lens }: InspectedLens): string =>
  `Its steps turn ${basename(image)} into the network's input${lens.detector === 'none' ? '' : '. The whole picture was used, since only analyze looks for a face'}.`;

/** Writes a lens beside a model; never overwrites one. */
async function init({ subject }: Call): Promise<number> {
  const { path, guesses } = await createLens(subject, storeHere(), { trusted: true });
  say(`Wrote ${path}`);
  for (const { key, detail } of guesses) say(`  a guess: ${key}: ${detail}`);
  return DONE;
}

const storeHere = (): ModelStore => new ModelStore(join(cacheRoot(), 'store'));

const say = (line: string): void => void process.stdout.write(`${oneLine(line)}\n`);
const sayJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`);

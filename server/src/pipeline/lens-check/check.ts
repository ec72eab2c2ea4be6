/** Everything that is wrong with a lens and its network: the text, the files that it names, and what the network proves. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LENS_SUFFIX, type Lens } from '../../../../protocol/lens';
import type {
  LensCheck,
  LensModel,
  LensPath,
  LensProblem,
  LensProblemCode,
} from '../../../../protocol/lens-check';
import { nearestName } from '../../architectures/edit-distance';
import { asLensError, LensError } from '../../errors';
import { layersFitting } from '../../layers/patterns';
import type { FileLens } from '../../lens/lens-file';
import { readText } from '../../lens/lens-file';
import { problemsBeside, problemsOfNamedFiles } from '../../lens/named-files';
import {
  offsetAt,
  pathAt,
  placeIn,
  problemAt,
  readLensText,
  replaceBy,
  withoutFaults,
} from '../../lens/problems';
import { withPlaceInErrors } from '../../lens/resolve';
import type { ModelStore } from '../../store/store';
import type { ChosenLens, FittedLens, LensTrust } from '../choose-lens';
import { chooseLens } from '../choose-lens';
import { NOTHING_ASKED } from '../inspect-lens';
import { classLabels, targetIndex, targetsMeant } from '../network/target';
import type { Size } from '../steps/step';
import { inputSize, LINT_SIZE, lintSteps } from './lint';
import type { InspectedNetwork, InspectedNetworks } from './networks';

export interface LensQuestion {
  /** Absolute. */
  readonly path: string;
  /** The unsaved text; null to read the file on disk. */
  readonly text: string | null;
}

interface Around extends LensTrust {
  readonly store: ModelStore;
  readonly networks: InspectedNetworks;
  readonly signal?: AbortSignal | undefined;
}

/** @throws LensError only where the file cannot be read, or the check was canceled */
export async function checkLens({ path, text }: LensQuestion, around: Around): Promise<LensCheck> {
  const written = text ?? (await readText(path));
  const { lens, problems } = readLensText(written, path);
  const rest = lens ?? lensWithoutFaults(written, path, problems);
  if (rest === null) return { problems, model: null };
  const found = await new Examination(rest, written, around).run();
  const all = [...problems, ...found.problems];
  return { ...found, problems: all.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** The valid part of a lens with faults. */
function lensWithoutFaults(text: string, path: string, problems: readonly LensProblem[]): FileLens | null {
  const left = withoutFaults(text, problems);
  return left === null ? null : readLensText(left, path).lens;
}

/** Files that a lens of the same name describes. */
const MODEL_ENDINGS = ['.onnx', '.safetensors', '.pth', '.pt', '.ckpt', '.tar'] as const;

/** `best.onnx` of `best.lens.json`; null where there is none. */
async function modelBeside(lens: string): Promise<string | null> {
  if (!lens.endsWith(LENS_SUFFIX)) return null;
  for (const ending of MODEL_ENDINGS) {
    const path = `${lens.slice(0, -LENS_SUFFIX.length)}${ending}`;
    if ((await stat(path).catch(() => null))?.isFile() === true) return path;
  }
  return null;
}

interface Fitted {
  readonly lens: FittedLens;
  readonly network: InspectedNetwork;
  readonly name: string;
  readonly path: string | null;
}

/** Faults that are found one by one: each is left out, so that the rest is checked too. */
const MOST_LEFT_OUT = 12;

class Examination {
  private readonly problems: LensProblem[] = [];

  constructor(
    private readonly given: FileLens,
    private readonly text: string,
    private readonly around: Around,
  ) {}

  async run(): Promise<LensCheck> {
    const { lens } = this.given;
    const beside = await modelBeside(this.given.path);
    if (lens.model === undefined && beside === null) {
      // Without a network only the file of labels can be checked.
      this.problems.push(...(await problemsOfNamedFiles(this.given, this.around)));
      return { problems: this.problems, model: null };
    }
    const fitted = await this.fitted(lens.model === undefined ? beside : null);
    if (beside !== null && !this.problems.some(({ code }) => code === 'labels'))
      this.problems.push(...(await problemsBeside(this.given, basename(beside))));
    if (fitted === null) return { problems: this.problems, model: null };
    const labels = classLabels(fitted.lens, fitted.network.classes, fitted.network.logits);
    this.target(labels);
    this.layers(fitted);
    this.steps(fitted);
    return { problems: this.problems, model: modelOf(fitted, labels) };
  }

  /** The lens with its network; what does not fit is reported and left out. Null where there is no network to compare with. */
  private async fitted(weights: string | null): Promise<Fitted | null> {
    let left = this.given;
    for (let tries = 0; tries < MOST_LEFT_OUT; tries++) {
      try {
        return await this.fit(left, weights);
      } catch (thrown) {
        const blamed = this.blame(thrown);
        const without = leftOut(left, blamed);
        if (without === null) return null;
        left = without;
      }
    }
    return null;
  }

  private async fit(lens: FileLens, weights: string | null): Promise<Fitted> {
    const { store, networks, signal, trusted } = this.around;
    const chosenFor = (asked: string | null): Promise<ChosenLens> =>
      chooseLens({ ...NOTHING_ASKED, weights: asked, opened: lens }, store, (look) => look(), { trusted });
    // What a lens says about a network can be checked without weights.
    const chosen = await chosenFor(weights).catch((thrown: unknown) => {
      if (thrown instanceof LensError && thrown.code === 'no-weights') return chosenFor('demo');
      throw thrown;
    });
    const { size, outputName } = chosen.plan;
    const network = await withPlaceInErrors(chosen.plan, () =>
      networks.of(chosen.weights, { inputSize: size, outputName }, signal),
    );
    const { name, path, stored } = chosen.weights;
    return { lens: await chosen.resolve(network), network, name, path: stored === null ? path : null };
  }

  private target(labels: readonly string[]): void {
    const { target } = this.given.lens;
    if (target === undefined || target === 'predicted') return;
    try {
      targetIndex(target, labels);
    } catch (thrown) {
      this.add('target', asLensError(thrown), ['target'], targetsMeant(target, labels).map(replaceBy));
    }
  }

  private layers({ network, name }: Fitted): void {
    const names = network.layers.map((layer) => layer.name);
    const known = network.layers.map((layer) => ({ ...layer, tensor: layer.name }));
    for (const [i, pattern] of (this.given.lens.layers ?? []).entries())
      try {
        layersFitting(known, [pattern], name);
      } catch (thrown) {
        const nearest = nearestName(pattern, names);
        this.add('layers', asLensError(thrown), ['layers', i], nearest === null ? [] : [replaceBy(nearest)]);
      }
  }

  /** Steps that are not from the lens are not its fault. */
  private steps({ lens, network }: Fitted): void {
    if (this.given.lens.preprocess === undefined) return;
    try {
      this.lint(lens, network, LINT_SIZE);
    } catch (thrown) {
      const size = inputSize(network);
      try {
        this.lint(lens, network, size);
      } catch {
        // They fit no picture: as said of the usual one.
        this.add('steps', asLensError(thrown), ['preprocess']);
        return;
      }
      this.problems.push({
        ...{ code: 'steps', severity: 'warning', repairs: [] },
        message: `No step resizes: only pictures of ${size.width} x ${size.height} pixels (width x height) can be analyzed.`,
        fix: 'For other pictures, end with a resize, crop or pad without "size": it takes the network’s.',
        ...placeIn(this.given, ['preprocess']),
      });
    }
  }

  private lint(lens: Fitted['lens'], network: InspectedNetwork, size: Size): void {
    for (const { code, message, path, repairs } of lintSteps(lens, network, size))
      this.problems.push({
        ...{ code, severity: 'warning', message, repairs },
        fix: `Found with a generated picture of ${size.width} x ${size.height} pixels.`,
        ...placeIn(this.given, path),
      });
  }

  /** @returns keys and indices of the fault @throws errors that are not the lens's fault */
  private blame(thrown: unknown): LensPath {
    const error = asLensError(thrown);
    if (error.kind === 'internal' || error.kind === 'cancelled') throw error;
    const place = placeNamed(error, this.given.path);
    const path =
      place === null ? ['model'] : pathAt(this.text, offsetAt(this.text, place.line, place.column));
    const [key] = path;
    this.add(key === 'labels' ? 'labels' : key === 'model' ? 'model' : 'fit', error, path);
    return path;
  }

  private add(
    code: LensProblemCode,
    error: LensError,
    path: LensPath,
    repairs: LensProblem['repairs'] = [],
  ): void {
    this.problems.push({ ...problemAt(code, error, this.given, path), repairs });
  }
}

const modelOf = ({ lens, network, name, path }: Fitted, labels: readonly string[]): LensModel => ({
  ...{ name, path, labels, shape: network.inputShape, classes: network.classes },
  ...{ layers: network.layers, lens: lens.report },
});

/** The place in the lens that an error names: every error about a lens names file, line and column. */
function placeNamed({ message, fix = '' }: LensError, file: string): { line: number; column: number } | null {
  const text = `${message}\n${fix}`;
  const start = text.indexOf(`${file}:`);
  const found = start < 0 ? null : /^(\d+):(\d+)/.exec(text.slice(start + file.length + 1));
  return found === null ? null : { line: Number(found[1]), column: Number(found[2]) };
}

/** The lens without the fault; null where nothing is left to compare, or the fault is not in the lens. */
function leftOut(lens: FileLens, [key, inner]: LensPath): FileLens | null {
  if (key === undefined || key === 'model' || !Object.hasOwn(lens.lens, key)) return null;
  const grouped = key === 'input' || key === 'output';
  const part = grouped ? lens.lens[key] : undefined;
  const less: Partial<Lens> =
    part !== undefined && typeof inner === 'string'
      ? { [key]: without(part, inner), ...rest(lens.lens, key) }
      : rest(lens.lens, key);
  return { ...lens, lens: less };
}

const without = (part: object, key: string): object =>
  Object.fromEntries(Object.entries(part).filter(([name]) => name !== key));
const rest = (lens: Lens, key: string | number): Partial<Lens> =>
  Object.fromEntries(Object.entries(lens).filter(([name]) => name !== key));

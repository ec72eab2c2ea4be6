/** Resolves a lens value by value: the first source that has the value wins, unless the network proves otherwise. */
import { checkSteps } from '../../../protocol/check-steps';
import type { LensKey, LensReport, LensStep, LensValueReport } from '../../../protocol/lens';
import { LENS_KEYS } from '../../../protocol/lens';
import type { FilledStep } from '../../../protocol/steps';
import type { ActivationChoice, CamMethod, CropMode, DetectorChoice } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import { clashOf, requireProved, subjectOf } from './constraints';
import { BELONGS_TO_PREPARATION, differs, notTaken, placeIn } from './not-taken';
import type { InputSize, LensValues, Proved, LensSource, StatedValue } from './values';

/** The lens that an analysis follows; the report names the origin of each value. */
export interface ResolvedLens extends Preparation {
  readonly preprocess: readonly FilledStep[];
  readonly labels: readonly string[];
  readonly activation: ActivationChoice;
  /** Null if no source says it. */
  readonly threshold: number | null;
  readonly target: string;
  readonly methods: readonly [CamMethod, ...CamMethod[]];
  /** The source of the preparation: its name in errors, and whether it is a lens file, which is followed to the letter. */
  readonly prepared: { readonly subject: string; readonly toTheLetter: boolean };
  readonly report: LensReport;
}

/** How pictures become tensors. */
export interface Preparation {
  readonly detector: DetectorChoice;
  readonly crop: CropMode;
  /** Null if no source says them. */
  readonly preprocess: readonly FilledStep[] | null;
  /** Least and greatest value of training; null where it is unknown. */
  readonly range: readonly [number, number] | null;
}

/** What has to be known before the network is loaded. */
export interface LoadPlan {
  /** Null where the network's own is taken. */
  readonly size: InputSize | null;
  readonly outputName: string | null;
  readonly activation: ActivationChoice;
  readonly threshold: number | null;
  /** Null for all. */
  readonly layers: readonly string[] | null;
  readonly methods: readonly [CamMethod, ...CamMethod[]];
  /** Where values are set that only the network can refuse; nothing of those that an option gives. */
  readonly places: { readonly [Key in NonNullable<LensError['about']>]?: string };
}

/** Used where no source has the value; none of these changes a number. */
export const DEFAULTS: LensSource = {
  ...{ origin: 'default', lens: null, subject: 'The default' },
  values: {
    'detector.use': { value: 'none', detail: 'nothing mentions faces' },
    'detector.crop': { value: 'square', detail: 'the reference’s crop' },
    'output.activation': { value: 'auto', detail: 'read from the network' },
    target: { value: 'predicted', detail: 'whatever is predicted' },
    methods: { value: ['gradcam'], detail: 'one method' },
  },
};

interface Chosen<K extends LensKey = LensKey> {
  readonly key: K;
  readonly stated: StatedValue<K>;
  readonly source: LensSource;
  /** Of the source, among all. */
  readonly rank: number;
}

class Choice {
  private readonly sources: readonly LensSource[];
  private readonly preparation: number;

  constructor(sources: readonly (LensSource | null)[]) {
    this.sources = [...sources.filter((source) => source !== null), DEFAULTS];
    const rank = this.sources.findIndex(({ values }) => values.preprocess !== undefined);
    this.preparation = rank < 0 ? this.sources.length : rank;
  }

  get<K extends LensKey>(key: K): Chosen<K> | null {
    for (const [rank, source] of this.sources.entries()) {
      const isLast = rank === this.sources.length - 1;
      if (BELONGS_TO_PREPARATION.has(key) && rank > this.preparation && !isLast) continue;
      const stated = source.values[key];
      if (stated !== undefined) return { key, stated, source, rank };
    }
    return null;
  }

  /** Values that sources after the one at `rank` have as well. */
  overruled<K extends LensKey>(key: K, rank: number): readonly Pick<Chosen<K>, 'stated' | 'source'>[] {
    return this.sources.slice(rank + 1).flatMap((source) => {
      const stated = source.values[key];
      return stated === undefined ? [] : [{ stated, source }];
    });
  }

  /** Where a value is set; nothing for options and defaults. */
  place<K extends LensKey>(key: K): { readonly [Key in K]?: string } {
    const chosen = this.get(key);
    if (chosen === null || chosen.source.origin === 'option' || chosen.source.origin === 'default') return {};
    return { [key]: placeIn(chosen.stated.detail) } as { readonly [Key in K]?: string };
  }

  value<K extends LensKey>(key: K): LensValues[K] | null {
    return this.get(key)?.stated.value ?? null;
  }
}

export function loadPlan(sources: readonly (LensSource | null)[]): LoadPlan {
  const choice = new Choice(sources);
  return {
    size: choice.value('input.size') ?? impliedSize(choice.value('preprocess') ?? []),
    outputName: choice.value('output.name'),
    activation: choice.value('output.activation') ?? 'auto',
    threshold: choice.value('output.threshold'),
    layers: choice.value('layers'),
    methods: methodsOf(choice),
    places: { ...choice.place('output.name'), ...choice.place('layers') },
  };
}

/** Runs `work`, which loads the network. Errors about a value of the plan say where it is set. @throws what `work` throws */
export async function withPlaceInErrors<T>({ places }: LoadPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const place =
      thrown instanceof LensError && thrown.about !== undefined ? places[thrown.about] : undefined;
    if (!(thrown instanceof LensError) || place === undefined) throw thrown;
    const { kind, message, fix, code, remedies } = thrown;
    throw new LensError(kind, message, {
      ...{ cause: thrown, code, remedies },
      fix: [`This is set at ${place}.`, ...(fix === undefined ? [] : [fix])].join(' '),
    });
  }
}

/** The first source that is a lens; null where the values are only derived. */
export const lensNamed = (sources: readonly (LensSource | null)[]): LensSource['lens'] =>
  sources.find((source) => source !== null && source.lens !== null)?.lens ?? null;

export function preparation(sources: readonly (LensSource | null)[]): Preparation {
  const choice = new Choice(sources);
  const steps = choice.get('preprocess');
  return {
    detector: choice.value('detector.use') ?? 'none',
    crop: choice.value('detector.crop') ?? 'square',
    preprocess: steps === null ? null : filledSteps(steps),
    range: choice.value('input.range'),
  };
}

/** What a list of steps ends with, where a step says its size; null where the network's is meant. */
function impliedSize(steps: readonly LensStep[]): InputSize | null {
  const last = steps.findLast(
    ({ step, fit, to }) =>
      (step === 'crop' && to !== 'aspect') ||
      step === 'pad' ||
      (step === 'resize' && fit !== 'shorter' && fit !== 'longer'),
  );
  const size = last?.['size'];
  if (typeof size === 'number') return [size, size];
  return Array.isArray(size) ? (size as unknown as InputSize) : null;
}

/**
 * @param proved of the loaded network
 * @throws LensError of kind `usage` where a source says what the network proves to be otherwise; it names both
 */
export function resolveLens(sources: readonly (LensSource | null)[], proved: Proved): ResolvedLens {
  const choice = new Choice(sources);
  const noFace = choice.value('detector.use') === 'none';
  const keys = LENS_KEYS.filter((key) => !(noFace && key === 'detector.crop'));
  const chosen = keys.map((key) => choice.get(key)).filter((each) => each !== null);
  for (const { key, stated, source } of chosen) requireProved(key, stated, source, proved);
  const stated = chosen.map((each) => withOverruled(each, choice.overruled(each.key, each.rank), proved));
  const prepared = preparation(sources);
  return {
    ...prepared,
    preprocess: prepared.preprocess ?? [],
    labels: choice.value('labels') ?? [],
    activation: choice.value('output.activation') ?? 'auto',
    threshold: choice.value('output.threshold'),
    target: targetOf(choice.value('target')),
    methods: methodsOf(choice),
    prepared: preparedBy(choice.get('preprocess')),
    report: describe(stated, lensNamed(sources), proved),
  };
}

/**
 * A deciding value that contradicts the network is an error. A value that an earlier source overrules does no
 * harm, but is reported: its author may not know that it belongs to another network, or that another one is taken.
 */
function withOverruled(
  chosen: Chosen,
  overruled: readonly Pick<Chosen, 'stated' | 'source'>[],
  proved: Proved,
): Chosen {
  const passed = overruled.flatMap(({ stated, source }) => {
    const clash = clashOf(chosen.key, stated, source, proved);
    if (clash === null) return differs(chosen, stated, source) ? [notTaken(stated)] : [];
    const subject = clause(subjectOf(stated, source));
    return [`not taken, as ${subject} ${clash.says} and the network ${clash.proves}: ${stated.detail}`];
  });
  const notes = [...(chosen.stated.notTaken ?? []), ...passed];
  if (notes.length === 0) return chosen;
  return { ...chosen, stated: { ...chosen.stated, detail: [chosen.stated.detail, ...notes].join('; ') } };
}

/** A subject within a sentence. */
const clause = (subject: string): string => subject.replace(/^The (?=\w)/, 'the ');

const preparedBy = (steps: Chosen<'preprocess'> | null): ResolvedLens['prepared'] => ({
  subject: steps === null ? 'The lens' : subjectOf(steps.stated, steps.source),
  toTheLetter: steps !== null && steps.source.lens?.derived === false,
});

/** `predicted` of a lens is `pred` of the options. */
const targetOf = (target: string | null): string =>
  target === null || target === 'predicted' ? 'pred' : target;

const methodsOf = (choice: Choice): readonly [CamMethod, ...CamMethod[]] => {
  const [first = 'gradcam', ...others] = choice.value('methods') ?? [];
  return [first, ...others];
};

function filledSteps({ stated, source }: Chosen<'preprocess'>): readonly FilledStep[] {
  const checked = checkSteps(stated.value);
  if (checked.ok) return checked.steps;
  const [{ message }] = checked.problems;
  throw new LensError('usage', `${source.subject}: preprocess: ${message}.`);
}

/** What the network proves is among the values. */
function describe(chosen: readonly Chosen[], named: LensSource['lens'], proved: Proved): LensReport {
  const values = chosen.map(({ key, stated, source }): LensValueReport => {
    const { value, detail, others = [] } = stated;
    const origin = others.length > 0 ? ('guess' as const) : source.origin;
    return { key, value, origin, detail, ...(others.length === 0 ? {} : { others }) };
  });
  const known = new Set<LensKey>(provedValues(proved).map(({ key }) => key));
  const all = [...values.filter(({ key }) => !known.has(key)), ...provedValues(proved)];
  return {
    name: named?.name ?? null,
    ...(named?.path === undefined || named.path === null ? {} : { path: named.path }),
    values: all.toSorted((a, b) => LENS_KEYS.indexOf(a.key) - LENS_KEYS.indexOf(b.key)),
  };
}

function provedValues({ layout, type, size, sizeIsFixed, subject }: Proved): readonly LensValueReport[] {
  const detail = `the input of ${subject}`;
  return [
    { key: 'input.layout', value: layout, origin: 'graph', detail },
    { key: 'input.type', value: type, origin: 'graph', detail },
    ...(sizeIsFixed ? [{ key: 'input.size', value: size, origin: 'graph', detail } as const] : []),
  ];
}

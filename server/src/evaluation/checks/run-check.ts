/** Runs one file with expectations: evaluates the set, and judges every expectation by its rows. */
import { dirname, join } from 'node:path';
import type { CheckReport } from '../../../../protocol/checks';
import type { AnalysisOptions } from '../../../../protocol/options';
import { LensError } from '../../errors';
import type { Workbench } from '../../pipeline/workbench/workbench';
import { requireMasks } from '../masks';
import { FILES } from '../place';
import type { EvaluationHooks, EvaluationRequest } from '../run';
import { evaluate } from '../run';
import type { TableHead } from '../row';
import { summaryOf } from '../summary/summary';
import { rowsOf } from '../table/journal';
import { baselineJudge } from './baseline';
import { expectationsOf, placeIn } from './expectations';
import type { Judge } from './judge';
import { judgeOf } from './judge';
import type { Check } from './read-check';

/**
 * @param asked overrides the file where it is not null
 * @throws LensError where the set cannot be evaluated, or something is expected of what the network does not have
 */
export async function runCheck(
  check: Check,
  asked: {
    readonly set: string | null;
    readonly masks: string | null;
    readonly options: AnalysisOptions;
    readonly output: string;
    /** Pictures above 100 megapixels are decoded. */
    readonly allowHuge: boolean;
  },
  bench: Workbench,
  hooks: EvaluationHooks,
): Promise<CheckReport> {
  const source = asked.set ?? check.set;
  if (source === null) {
    throw new LensError('usage', `${check.file}: expected a set of pictures, found none.`, {
      fix: 'Name a folder or a manifest below the file’s own folder: "set" in a test file, "set" within "expect" in a lens.',
      remedies: ['name-set'],
    });
  }
  const { options } = asked;
  const layers = check.layers.length === 0 ? null : check.layers.join(',');
  const request: EvaluationRequest = {
    set: { source, labels: check.labels, pathColumn: null, labelColumn: null, root: null },
    options: {
      ...options,
      lens: options.lens ?? check.lens,
      weights: options.weights ?? check.weights,
      layers,
    },
    output: asked.output,
    shard: null,
    replace: false,
    renamed: new Map(),
    attentionBox: check.attentionBox,
    attentionMask: masksOf(check, asked.masks),
    allowHuge: asked.allowHuge,
  };
  const { folder, head } = await evaluate(request, bench, summaryOf, hooks);
  const judges = await judgesOf(check, head);
  for await (const row of rowsOf(join(folder, FILES.rows))) for (const judge of judges) judge.see(row);
  return { file: check.file, outcomes: judges.map((judge) => judge.outcome()) };
}

async function judgesOf({ file, expect, at, baseline }: Check, head: TableHead): Promise<readonly Judge[]> {
  const judges: Judge[] = [];
  for (const each of expectationsOf(expect)) {
    const place = placeIn(at, each);
    if (each.is !== 'baseline') judges.push(judgeOf(each, head, place));
    else if (baseline !== null) judges.push(await baselineJudge(each, baseline, dirname(file), place));
  }
  return judges;
}

/** Null where no expectation is about masks: reading them takes time. */
function masksOf({ expect, masks, at }: Check, asked: string | null): string | null {
  const index = expect.attention?.findIndex(({ in: place }) => place === 'mask') ?? -1;
  if (index < 0) return null;
  const folder = asked ?? masks;
  if (folder !== null) return requireMasks(folder);
  throw new LensError(
    'usage',
    `${at('expect', 'attention', index)}: expected "masks", a folder with a mask for each picture, found none.`,
    { fix: 'Add "masks": "masks" beside "attention", for a folder of that name.' },
  );
}

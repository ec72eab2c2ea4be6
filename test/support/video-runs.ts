/** Videos through the command line and through this process, for tests that compare what comes of them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { AnalysisOptions } from '../../protocol/options';
import type { EvaluationHooks } from '../../server/src/evaluation/request';
import type { Row } from '../../server/src/evaluation/row';
import { evaluate } from '../../server/src/evaluation/run';
import { summaryOf } from '../../server/src/evaluation/summary/summary';
import { VIDEO_DEFAULTS } from '../../server/src/evaluation/video/video-request';
import type { Workbench } from '../../server/src/pipeline/workbench/workbench';
import { runCli, type Finished } from './cli';
import { DEFAULT_OPTIONS } from './default-options';
import { failure } from './failure';
import { writeSetModel } from './labelled-set';

/** Half of them 40 ms apart, then a pause of a second, as a telephone videos in the dark. */
export const TIMES = [0, 40, 80, 120, 1120, 1153, 1500, 2000];
export const LEVELS = [10, 40, 70, 100, 130, 160, 190, 220];

/** Evaluations of one small network below one folder. */
export class VideoRuns {
  readonly model: string;

  constructor(
    private readonly folder: string,
    private readonly bench: Workbench,
  ) {
    this.model = writeSetModel(join(folder, 'model'));
  }

  /** As a user runs it. */
  cli(path: string, output: string, ...more: readonly string[]): Promise<Finished> {
    const own = ['--weights', this.model, '--device', 'cpu', '--output', join(this.folder, output)];
    return runCli(['evaluate', path, ...own, ...more]);
  }

  rows(output: string): readonly Row[] {
    return readFileSync(join(this.folder, output, 'evaluation', 'rows.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  }

  assertSameFiles(output: string, expected: string): void {
    const files = (name: string) =>
      readdirSync(join(this.folder, name, 'evaluation'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(join(this.folder, name), join(entry.parentPath, entry.name)))
        .sort();
    assert.deepEqual(files(output), files(expected));
    for (const file of files(output))
      assert.ok(
        readFileSync(join(this.folder, output, file)).equals(readFileSync(join(this.folder, expected, file))),
        file,
      );
  }

  /** In this process, all frames of a video. @param stopAfter this many rows */
  async here(
    source: string,
    output: string,
    more: Partial<AnalysisOptions> = {},
    { stopAfter, begin }: { readonly stopAfter?: number } & Pick<EvaluationHooks, 'begin'> = {},
  ): Promise<void> {
    const stop = new AbortController();
    let rows = 0;
    const request = {
      set: { source, labels: null, pathColumn: null, labelColumn: null, root: null },
      options: { ...DEFAULT_OPTIONS, weights: this.model, device: 'cpu', target: 'green', ...more },
      ...{
        output: join(this.folder, output),
        shard: null,
        replace: false,
        renamed: new Map<string, string>(),
      },
      ...{ attentionBox: null, attentionMask: null, allowHuge: false },
      video: { ...VIDEO_DEFAULTS, every: 0 },
    } as const;
    const row = (): void => {
      if (++rows === stopAfter) stop.abort();
    };
    const hooks = { row, signal: stop.signal, ...(begin === undefined ? {} : { begin }) };
    const work = evaluate(request, this.bench, summaryOf, hooks);
    if (stopAfter === undefined) {
      await work;
      return;
    }
    assert.equal((await failure(work)).kind, 'cancelled');
    assert.equal(rows, stopAfter);
  }
}

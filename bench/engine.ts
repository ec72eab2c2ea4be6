/** The built engine as the editor has it: a process of its own under its supervisor, warm from one analysis to the next. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AnalysisOptions } from '../protocol/analysis';
import type { Report } from '../protocol/report';
import { Supervisor } from '../server/src/engine/supervisor';
import { projectRoot } from '../server/src/system/paths';
import type { Memory } from './processes';
import { memoryOf } from './processes';

export interface WarmEngine {
  /** From the request to the written report, of a picture that the engine has not seen last. */
  analyze(
    image: string,
    options: AnalysisOptions,
  ): Promise<{ readonly report: Report; readonly milliseconds: number }>;
  /** Of the engine's process; null where /proc does not tell. */
  memory(): Memory | null;
  stop(): Promise<void>;
}

/** @param cache for INFERENCE_LENS_CACHE; by default the user's */
export function startEngine(cache?: string): WarmEngine {
  const enginePath = join(projectRoot(), 'dist', 'engine.js');
  if (!existsSync(enginePath)) throw new Error('dist/engine.js is missing: run `npm run build` first.');
  const env = cache === undefined ? process.env : { ...process.env, INFERENCE_LENS_CACHE: cache };
  const supervisor = new Supervisor({ enginePath, env });
  const copies = mkdtempSync(join(tmpdir(), 'lens-bench-'));
  /** The engine remembers the last picture and repeats nothing that another target leaves as it is: two files take turns. */
  const another = (path: string): string => {
    const copy = join(copies, basename(path));
    copyFileSync(path, copy);
    return copy;
  };
  let jobs = 0;
  return {
    async analyze(path, options) {
      const image = jobs % 2 === 0 ? path : another(path);
      const start = performance.now();
      const { report } = await supervisor.run(`bench ${++jobs}`, { kind: 'analyze', image, options });
      return { report, milliseconds: performance.now() - start };
    },
    memory: () => (supervisor.pid === null ? null : memoryOf(supervisor.pid)),
    stop: async () => {
      await supervisor.dispose();
      rmSync(copies, { recursive: true, force: true });
    },
  };
}

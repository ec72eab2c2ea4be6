/** The worker as a bundle, with the threads that it starts: from source each thread would load the compiler first, for 0.15 s. */
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type PluginBuild } from 'esbuild';
import { projectRoot } from '../../server/src/system/paths';
import { forNode } from '../../scripts/bundling.mjs';

/** How the worker of a kind is started. */
export interface WorkerScript {
  readonly path: string;
  readonly execArgv: readonly string[];
  remove(): Promise<void>;
}

export const fromSource: WorkerScript = Object.freeze({
  path: join(__dirname, 'worker.ts'),
  execArgv: process.execArgv,
  remove: () => Promise.resolve(),
});

/** @param kind whose fuzzer goes into the bundle, and no other's */
export async function bundled(kind: string): Promise<WorkerScript> {
  const root = projectRoot();
  await mkdir(join(root, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(root, 'dist', 'fuzz-'));
  const others = {
    name: 'others',
    setup: (bundler: PluginBuild) =>
      bundler.onResolve({ filter: /^\.\/\w+\/fuzzer$/ }, ({ path }) =>
        path === `./${kind}/fuzzer` ? undefined : { path, external: true },
      ),
  };
  await build({
    ...forNode,
    plugins: [...forNode.plugins, others],
    entryPoints: {
      worker: join(root, 'bench', 'fuzz', 'worker.ts'),
      'session-worker': join(root, 'server', 'src', 'runtime', 'session-worker.ts'),
      'painter-worker': join(root, 'server', 'src', 'report', 'painter-worker.ts'),
    },
    outdir: folder,
  });
  return {
    path: join(folder, 'worker.js'),
    execArgv: [],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

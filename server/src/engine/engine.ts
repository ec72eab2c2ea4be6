/** The engine in this process: the one door through which the command line and the child process compute. */
import type { EngineAnswers, TaskGiven, TaskKind } from '../../../protocol/engine';
import { OpenTables } from '../evaluation/shown/open';
import { RecentPlanes } from '../pipeline/layer-channels';
import { CachedActivations } from '../pipeline/layer-details';
import { InspectedNetworks } from '../pipeline/lens-check/networks';
import type { WorkbenchOptions } from '../pipeline/workbench/workbench';
import { Workbench } from '../pipeline/workbench/workbench';
import type { ModelStore } from '../store/store';
import { tasks, type TaskHooks } from './tasks';

export interface Engine {
  readonly store: ModelStore;
  /** @throws LensError */
  run<K extends TaskKind>(kind: K, given: TaskGiven<K>, hooks?: TaskHooks): Promise<EngineAnswers[K]>;
  /** Releases sessions and memory. */
  dispose(): Promise<void>;
}

export function createEngine(options?: WorkbenchOptions): Engine {
  const bench = new Workbench(undefined, options);
  const kept = new CachedActivations();
  const planes = new RecentPlanes();
  const networks = new InspectedNetworks();
  const tables = new OpenTables();
  return {
    store: bench.store,
    run: (kind, given, hooks = {}) => tasks[kind](given, { bench, kept, planes, networks, tables }, hooks),
    dispose: () => {
      kept.forget();
      planes.forget();
      return bench.dispose();
    },
  };
}

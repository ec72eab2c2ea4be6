/** The engine in this process: the only way in which the command line and the child process compute. */
import type { EngineAnswers, TaskGiven, TaskKind } from '../../../protocol/engine';
import type { OpenTables } from '../evaluation/shown/open';
import type { Activations } from '../pipeline/layer-details';
import type { LayerPlanes } from '../pipeline/layer-planes';
import { Recent } from '../pipeline/recent';
import { InspectedNetworks } from '../pipeline/lens-check/networks';
import type { WorkbenchOptions } from '../pipeline/workbench/workbench';
import { Workbench } from '../pipeline/workbench/workbench';
import type { ModelStore } from '../store/store';
import type { TaskHooks } from './resources';
import { tasks } from './tasks';

export interface Engine {
  readonly store: ModelStore;
  /** @throws LensError */
  run<K extends TaskKind>(kind: K, given: TaskGiven<K>, hooks?: TaskHooks): Promise<EngineAnswers[K]>;
  /** An analysis is about to be requested: starts the thread that will load its network. */
  expectAnalysis(): void;
  /** Releases sessions and memory. */
  dispose(): Promise<void>;
}

export function createEngine(options?: WorkbenchOptions): Engine {
  const bench = new Workbench(undefined, options);
  const kept = new Recent<Activations>();
  const planes = new Recent<LayerPlanes>();
  const networks = new InspectedNetworks();
  let opened: Promise<OpenTables> | undefined;
  const tables = () =>
    (opened ??= import('../evaluation/shown/open').then(({ OpenTables: Tables }) => new Tables()));
  return {
    store: bench.store,
    run: async (kind, given, hooks = {}) => {
      bench.ahead.wake();
      try {
        return await (
          await tasks[kind]()
        )(given, { bench, kept, planes, networks, tables }, hooks);
      } finally {
        bench.ahead.rest();
      }
    },
    expectAnalysis: () => bench.expect(),
    dispose: () => {
      kept.forget();
      planes.forget();
      return bench.dispose();
    },
  };
}

/** What performs a task, from what was given to the answer. */
import type { EngineAnswers, TaskGiven, TaskKind } from '../../../protocol/engine';
import type { Resources, TaskHooks } from './resources';

export type { Resources, TaskHooks };

export type Task<K extends TaskKind> = (
  given: TaskGiven<K>,
  on: Resources,
  hooks: TaskHooks,
) => Promise<EngineAnswers[K]>;

/** Two engine processes at most: one computes, one looks after models, so that no list waits for an analysis. */
import type { EngineAnswers, EngineTask } from '../../../protocol/engine';
import { DEFAULT_IDLE_MINUTES } from './options';
import { Supervisor, type EngineListener } from '../engine/supervisor';

type Log = (level: 'info' | 'warning' | 'error', text: string) => void;
type Kind = EngineTask['kind'];

/** Memory is given back after so many milliseconds without work; for computing a setting says how many. */
const modelsIdle = 20_000;

export class Engines {
  private readonly compute: Supervisor;
  private readonly models: Supervisor;

  constructor(enginePath: string, log: Log) {
    this.compute = new Supervisor({ enginePath, log, idleMs: DEFAULT_IDLE_MINUTES * 60_000 });
    this.models = new Supervisor({ enginePath, log, idleMs: modelsIdle });
  }

  /** @throws LensError */
  run<K extends Kind>(
    job: string,
    task: Extract<EngineTask, { kind: K }>,
    listener: EngineListener = {},
  ): Promise<EngineAnswers[K]> {
    return this.supervisorOf(task.kind).run<K>(job, task, listener);
  }

  /** When the engine that computes gives its memory back; 0 keeps it. */
  idleAfter(minutes: number): void {
    this.compute.idleAfter(minutes * 60_000);
  }

  /** A job that is unknown has ended already. */
  cancel(job: string): void {
    this.compute.cancel(job);
    this.models.cancel(job);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.compute.dispose(), this.models.dispose()]);
  }

  private supervisorOf(kind: Kind): Supervisor {
    switch (kind) {
      case 'analyze':
      case 'layerDetails':
        return this.compute;
      case 'listModels':
      case 'importModel':
      case 'downloadModel':
      case 'doctor':
        return this.models;
    }
  }
}

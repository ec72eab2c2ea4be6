/** Engine processes by what they do: one computes, one looks after models, one installs, so that no list waits for either. */
import type { EngineAnswers, EngineTask } from '../../../protocol/engine';
import { EDITOR_SETTINGS } from '../../../protocol/options';
import { Supervisor, type EngineListener, type SupervisorOptions } from '../engine/supervisor';

type Log = (level: 'info' | 'warning' | 'error', text: string) => void;
type Kind = EngineTask['kind'];

/** Memory is given back after so many milliseconds without work; for computing a setting says how many. */
const modelsIdle = 20_000;
const installerIdle = 1_000;

export class Engines {
  private readonly compute: Supervisor;
  private readonly models: Supervisor;
  private readonly installer: Supervisor;

  /** @param silent asks whether an engine that has work and does not respond is to be restarted */
  constructor(enginePath: string, log: Log, silent: NonNullable<SupervisorOptions['silent']>) {
    const start = (idleMs: number) => new Supervisor({ enginePath, log, silent, idleMs });
    this.compute = start(EDITOR_SETTINGS.idleMinutes.default * 60_000);
    this.models = start(modelsIdle);
    this.installer = start(installerIdle);
  }

  /** @throws LensError */
  run<K extends Kind>(
    job: string,
    task: Extract<EngineTask, { kind: K }>,
    listener: EngineListener = {},
  ): Promise<EngineAnswers[K]> {
    return this.supervisorOf(task.kind).run<K>(job, task, listener);
  }

  /** Begins a fresh computing engine with the next analysis: a device, once chosen, is kept as long as its process. */
  renewCompute(): void {
    // Each analysis says anew when its engine may end; one that runs is not disturbed.
    this.compute.idleAfter(1);
  }

  /** When the engine that computes gives its memory back; 0 keeps it. */
  idleAfter(minutes: number): void {
    this.compute.idleAfter(minutes * 60_000);
  }

  /** A job that is unknown has ended already. */
  cancel(job: string): void {
    this.compute.cancel(job);
    this.models.cancel(job);
    this.installer.cancel(job);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.compute, this.models, this.installer].map((each) => each.dispose()));
  }

  private supervisorOf(kind: Kind): Supervisor {
    switch (kind) {
      case 'analyze':
      case 'layerDetails':
        return this.compute;
      case 'listModels':
      case 'importModel':
      case 'downloadModel':
      case 'planCuda':
      case 'doctor':
        return this.models;
      case 'installCuda':
        return this.installer;
    }
  }
}

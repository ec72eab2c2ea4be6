/**
 * Engine processes by what they do: one computes, one evaluates sets, one manages models, one installs, so
 * that no list waits for an analysis.
 */
import type { EngineAnswers, TaskKind, TaskOf } from '../../../protocol/engine';
import type { EngineSettings } from './settings';
import { EDITOR_SETTINGS } from '../../../protocol/options';
import { requests, type Lane } from '../../../protocol/requests';
import { Supervisor, type EngineListener, type SupervisorOptions } from '../engine/supervisor';

type Log = (level: 'info' | 'warning' | 'error', text: string) => void;

/** Milliseconds without work after which an engine releases its memory; for computing, a setting decides. */
const modelsIdle = 20_000;
const setsIdle = 1_000;
const installerIdle = 1_000;

/** Where a debugger finds the engines while the server itself is debugged; .vscode/launch.json attaches there. */
export const INSPECT_PORTS = { compute: 6010, models: 6011, install: 6012, sets: 6013 } as const;

/**
 * When the server is debugged: the computing engine waits for its debugger if the server waited for its own,
 * so that no job is missed.
 */
function inspected(lane: keyof typeof INSPECT_PORTS): { readonly inspect?: string } {
  const own = process.execArgv.find((arg) => arg.startsWith('--inspect'));
  if (own === undefined) return {};
  const waits = lane === 'compute' && own.startsWith('--inspect-wait');
  return { inspect: `${waits ? '--inspect-wait' : '--inspect'}=${INSPECT_PORTS[lane]}` };
}

export class Engines {
  /** Whether the likely next target is computed once nothing is requested. */
  ahead = false;

  private readonly lanes: Readonly<Record<Exclude<Lane, 'none'>, Supervisor>>;

  /** @param silent asks whether an engine that has work and does not respond is to be restarted */
  constructor(enginePath: string, log: Log, silent: NonNullable<SupervisorOptions['silent']>) {
    const start = (lane: keyof typeof INSPECT_PORTS, idleMs: number) =>
      new Supervisor({
        ...{ enginePath, log, silent, idleMs },
        ...inspected(lane),
      });
    this.lanes = {
      compute: start('compute', EDITOR_SETTINGS.idleMinutes.default * 60_000),
      sets: start('sets', setsIdle),
      models: start('models', modelsIdle),
      install: start('install', installerIdle),
    };
  }

  /** @throws LensError */
  run<K extends TaskKind>(
    job: string,
    task: TaskOf<K>,
    listener: EngineListener = {},
  ): Promise<EngineAnswers[K]> {
    return this.lanes[requests[task.kind].lane].run<K>(job, task, listener);
  }

  /** See `Supervisor.expectAnalysis`. */
  expectAnalysis(): void {
    this.lanes.compute.expectAnalysis();
  }

  /** The next analysis starts a fresh computing engine: a process keeps the device that it has chosen. */
  renewCompute(): void {
    // Each analysis resets the time at which its engine may end; a running one is not disturbed.
    this.lanes.compute.idleAfter(1);
  }

  /** After how much idle time the computing engine releases its memory (0 for never), and what analyses are given. */
  follow({ idleMinutes, ahead }: EngineSettings): void {
    this.ahead = ahead;
    this.lanes.compute.idleAfter(idleMinutes * 60_000);
  }

  /** A job that is unknown has ended already. */
  cancel(job: string): void {
    for (const supervisor of Object.values(this.lanes)) supervisor.cancel(job);
  }

  async dispose(): Promise<void> {
    await Promise.all(Object.values(this.lanes).map((each) => each.dispose()));
  }
}

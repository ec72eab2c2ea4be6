/** Keeps the engine alive: starts it when there is work, gives it one task at a time, and survives its crashes. */
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import type { Progress } from '../../../protocol/analysis';
import type {
  EngineAnswers,
  EngineTask,
  FromEngine,
  TaskKind,
  TaskOf,
  ToEngine,
} from '../../../protocol/engine';
import type { PartialReport } from '../../../protocol/requests';
import { LensError, cancelled } from '../errors';
import { crash, describeExit, restarted, tooManyCrashes } from './crash';
import { fromFailure } from './failure';
import { ANALYSIS_FLAG, engineEnvironment } from './child';
import { Heartbeat } from './heartbeat';
import type { QueueEntry } from './queue';
import { JobQueue } from './queue';

export interface EngineListener {
  progress?(progress: Progress): void;
  partial?(folder: string, report: PartialReport): void;
}

export interface SupervisorOptions {
  /** The engine's bundle. */
  readonly enginePath: string;
  /** The Node that runs it; by default the one that runs this. */
  readonly execPath?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** For a debugger of the engine, such as `--inspect=6010`; none by default. */
  readonly inspect?: string;
  /** Milliseconds without work after which the engine is ended to give its memory back; 0 keeps it. */
  readonly idleMs?: number;
  /** Milliseconds between asking a task to stop and ending the process that does not. */
  readonly cancelGraceMs?: number;
  /** Milliseconds between an engine's signs of life; four missed in a row are silence. */
  readonly heartbeatMs?: number;
  /** The engine has work and has not answered for this many seconds. `restart` abandons its task, if it is still at it. */
  readonly silent?: (seconds: number, restart: () => void) => void;
  readonly log?: (level: 'info' | 'warning' | 'error', text: string) => void;
}

interface Waiter {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: LensError) => void;
  readonly listener: EngineListener;
}

/** After this many crashes in a row without a finished task the engine is not started again until `reset`. */
const CRASH_LIMIT = 3;

/** Milliseconds between asking an engine to end and killing it. */
const SHUTDOWN_GRACE = 1000;

export class Supervisor {
  private child: ChildProcess | null = null;
  /** Resolve when engines that were asked to end have done so. */
  private readonly ending = new Set<Promise<void>>();
  private readonly queue = new JobQueue<EngineTask>();
  private readonly waiters = new Map<string, Waiter>();
  private crashes = 0;
  private stopping = false;
  private idleTimer: NodeJS.Timeout | null = null;
  private graceTimer: NodeJS.Timeout | null = null;
  /** The job name under which the running entry was sent; that job may have been cancelled since. */
  private sentAs: string | null = null;
  /** Whether the running entry was sent to an idle engine that has not acknowledged it yet. */
  private unheard = false;
  private readonly heartbeat: Heartbeat;

  constructor(private options: SupervisorOptions) {
    this.heartbeat = new Heartbeat((seconds) => this.fellSilent(seconds), options.heartbeatMs);
  }

  /**
   * Queues a task; equal tasks run once and answer every caller.
   * @throws LensError: the task's own, `cancelled`, or `internal` after a crash
   */
  run<K extends TaskKind>(
    job: string,
    task: TaskOf<K>,
    listener: EngineListener = {},
  ): Promise<EngineAnswers[K]> {
    if (this.stopping) return Promise.reject(new LensError('cancelled', 'The engine is shutting down.'));
    if (this.crashes >= CRASH_LIMIT) return Promise.reject(tooManyCrashes(CRASH_LIMIT));
    if (this.waiters.has(job))
      return Promise.reject(new LensError('usage', `A job named "${job}" is already running.`));
    return new Promise((resolve, reject) => {
      this.waiters.set(job, { resolve: resolve, reject, listener });
      this.queue.add(job, JSON.stringify(task), task as EngineTask);
      this.pump();
    });
  }

  /** An analysis is about to be requested: starts the engine, unless there is one. */
  expectAnalysis(): void {
    if (this.stopping || this.child !== null || this.crashes >= CRASH_LIMIT) return;
    this.child = this.startChild([ANALYSIS_FLAG]);
    this.startIdleTimer();
  }

  /** Stops a job: its promise is rejected at once; the engine stops between steps or is ended after the grace time. */
  cancel(job: string): void {
    const outcome = this.queue.remove(job);
    this.waiters.get(job)?.reject(cancelled());
    this.waiters.delete(job);
    if (outcome !== 'stop' || this.sentAs === null) return;
    this.send({ type: 'cancel', job: this.sentAs });
    const child = this.child;
    this.graceTimer = setTimeout(() => {
      this.log('warning', 'The engine did not stop in time and was killed.');
      child?.kill('SIGKILL');
    }, this.options.cancelGraceMs ?? 2000);
  }

  /** Forgets earlier crashes and ends the present process, so that the next task starts a fresh one. */
  reset(options: Partial<SupervisorOptions> = {}): void {
    this.options = { ...this.options, ...options };
    this.crashes = 0;
    const entry = this.queue.current;
    this.endChild();
    if (entry !== null) this.nextAfter(entry, (waiter) => waiter.reject(restarted()));
  }

  /** Changes `idleMs`; an engine that is idle now starts counting again. */
  idleAfter(idleMs: number): void {
    if (idleMs === this.options.idleMs) return;
    this.options = { ...this.options, idleMs };
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    if (this.queue.current === null) this.startIdleTimer();
  }

  /** Process id of the engine while it lives. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Rejects what waits and ends the engine. */
  async dispose(): Promise<void> {
    this.stopping = true;
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    if (this.graceTimer !== null) clearTimeout(this.graceTimer);
    this.heartbeat.stop();
    for (const entry of this.queue.drain()) this.settle(entry, (waiter) => waiter.reject(cancelled()));
    this.endChild();
    await Promise.all(this.ending);
  }

  private pump(): void {
    const entry = this.queue.start();
    if (entry === null) return;
    if (this.idleTimer !== null) clearTimeout(this.idleTimer);
    const [job] = entry.waiting;
    if (job === undefined) {
      this.queue.finish();
      this.pump();
      return;
    }
    this.unheard = this.child !== null;
    this.dispatch(job, entry);
  }

  private dispatch(job: string, entry: QueueEntry<EngineTask>): void {
    this.sentAs = job;
    this.child ??= this.startChild();
    this.heartbeat.start();
    this.send({ type: 'run', job, task: entry.work });
  }

  private startChild(args: readonly string[] = []): ChildProcess {
    const { enginePath, execPath = process.execPath, env = process.env, inspect } = this.options;
    const child = fork(enginePath, args, {
      execPath,
      execArgv: inspect === undefined ? [] : [inspect],
      env: engineEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    let stderr = '';
    child.stdout?.on('data', (data: Buffer) => this.log('info', data.toString().trimEnd()));
    child.stderr?.on('data', (data: Buffer) => {
      stderr = (stderr + data.toString()).slice(-4000);
      this.log('warning', data.toString().trimEnd());
    });
    child.on('message', (message: FromEngine) => {
      if (this.child === child) this.receive(message);
    });
    child.on('error', (error) =>
      this.ended(child, `could not be started with ${execPath}: ${error.message}`, stderr),
    );
    child.on('exit', (code, signal) => this.ended(child, describeExit(code, signal), stderr));
    return child;
  }

  private send(message: ToEngine): void {
    // A dead channel is not an error here: the exit event fails the job.
    if (this.child?.connected === true) this.child.send(message, () => undefined);
  }

  private receive(message: FromEngine): void {
    const entry = this.queue.current;
    this.heartbeat.beat();
    if ('job' in message && message.job === this.sentAs) this.unheard = false;
    switch (message.type) {
      case 'ready':
        this.log('info', `Engine ${message.pid} started on Node ${message.node}.`);
        return;
      case 'started':
      case 'alive':
        return;
      case 'log':
        this.log(message.level, message.text);
        return;
      case 'progress':
        this.eachListener(entry, message.job, (listener) => listener.progress?.(message.progress));
        return;
      case 'partial':
        this.eachListener(entry, message.job, (listener) =>
          listener.partial?.(message.folder, message.report),
        );
        return;
      case 'done':
        this.finish(message.job, (waiter) => waiter.resolve(message.answer as never));
        return;
      case 'failed':
        this.finish(message.job, (waiter) => waiter.reject(fromFailure(message.failure)));
        return;
    }
  }

  private eachListener(
    entry: QueueEntry<EngineTask> | null,
    job: string,
    notify: (l: EngineListener) => void,
  ): void {
    if (entry === null || job !== this.sentAs) return;
    for (const name of entry.waiting) {
      const waiter = this.waiters.get(name);
      if (waiter !== undefined) notify(waiter.listener);
    }
  }

  private finish(job: string, answer: (waiter: Waiter) => void): void {
    const entry = this.queue.current;
    if (entry === null || job !== this.sentAs) return;
    this.crashes = 0;
    this.nextAfter(entry, answer);
  }

  private nextAfter(entry: QueueEntry<EngineTask>, answer: (waiter: Waiter) => void): void {
    if (this.graceTimer !== null) clearTimeout(this.graceTimer);
    this.graceTimer = null;
    this.sentAs = null;
    this.heartbeat.stop();
    this.queue.finish();
    this.settle(entry, answer);
    this.pump();
    if (this.queue.current === null) this.startIdleTimer();
  }

  private settle(entry: QueueEntry<EngineTask>, answer: (waiter: Waiter) => void): void {
    for (const name of entry.waiting) {
      const waiter = this.waiters.get(name);
      this.waiters.delete(name);
      if (waiter !== undefined) answer(waiter);
    }
    entry.waiting.clear();
  }

  private ended(child: ChildProcess, how: string, stderr: string): void {
    if (this.child !== child) return;
    this.child = null;
    const entry = this.queue.current;
    if (entry === null || this.stopping) return;
    const [job] = entry.waiting;
    if (job !== undefined && this.unheard) {
      // It died while idle, before that could be noticed: the task never began, and does not count as
      // crashed.
      this.log('info', `The idle engine ${how}; a new one takes over.`);
      this.unheard = false;
      this.dispatch(job, entry);
      return;
    }
    if (job !== undefined) {
      this.crashes += 1;
      this.log('error', `The engine ${how}.`);
    }
    // Before the next task would start an engine that must not be started again.
    if (this.crashes >= CRASH_LIMIT) this.rejectQueued(entry);
    this.nextAfter(entry, (waiter) => waiter.reject(crash(how, stderr)));
  }

  private fellSilent(seconds: number): void {
    this.log('warning', `The engine has not responded for ${seconds} seconds.`);
    const { child } = this;
    const entry = this.queue.current;
    this.options.silent?.(seconds, () => {
      if (this.child === child && this.queue.current === entry) this.reset();
    });
  }

  private rejectQueued(running: QueueEntry<EngineTask>): void {
    for (const entry of this.queue.drain())
      if (entry !== running) this.settle(entry, (waiter) => waiter.reject(tooManyCrashes(CRASH_LIMIT)));
  }

  private startIdleTimer(): void {
    const idle = this.options.idleMs ?? 0;
    if (idle <= 0 || this.child === null) return;
    this.idleTimer = setTimeout(() => this.endChild(), idle);
    this.idleTimer.unref();
  }

  private endChild(): void {
    const child = this.child;
    this.child = null;
    if (child === null) return;
    const ended = hasEnded(child).finally(() => this.ending.delete(ended));
    this.ending.add(ended);
    if (this.queue.current !== null) {
      child.kill('SIGKILL'); // it would answer only after its current task
      return;
    }
    if (child.connected) child.send({ type: 'shutdown' } satisfies ToEngine, () => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_GRACE);
    void ended.then(() => clearTimeout(timer));
  }

  private log(level: 'info' | 'warning' | 'error', text: string): void {
    if (text !== '') this.options.log?.(level, text);
  }
}

/** A process that could not be started only emits `error`. */
function hasEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}

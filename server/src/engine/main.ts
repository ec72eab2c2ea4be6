/** The engine process: computes one task at a time for the supervisor that forked it, and ends with it. */
import type {
  EngineAnswer,
  EngineTask,
  FromEngine,
  TaskKind,
  TaskOf,
  ToEngine,
} from '../../../protocol/engine';
import { asLensError } from '../errors';
import { printableStack } from '../printable';
import { ANALYSIS_FLAG } from './child';
import { createEngine } from './engine';
import { toFailure } from './failure';
import { HEARTBEAT_MS } from './heartbeat';
import type { TaskHooks } from './resources';

const engine = createEngine({ recalls: true });
let running: { readonly job: string; readonly controller: AbortController } | null = null;
/** Settles when the current task does. */
let work: Promise<void> = Promise.resolve();

/** Milliseconds that a task gets to clean up; less than the supervisor's grace period. */
const END_LIMIT = 800;

/** A closed channel means that the supervisor is gone; this process then exits too. */
function send(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'run':
      work = run(message.job, message.task);
      return;
    case 'cancel':
      if (running?.job === message.job) running.controller.abort();
      return;
    case 'shutdown':
      end();
      return;
  }
});
process.on('disconnect', end);

/** Stops the current task, which removes its unfinished report, and exits. */
function end(): void {
  running?.controller.abort();
  // Not `exit`, which would end the network's thread in the middle of a run, and that aborts with a message.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_LIMIT);
  void work.then(() => engine.dispose()).finally(() => process.exit(0));
}

async function run(job: string, task: EngineTask): Promise<void> {
  const controller = new AbortController();
  running = { job, controller };
  send({ type: 'started', job });
  const heartbeat = setInterval(() => send({ type: 'alive' }), HEARTBEAT_MS);
  try {
    const answer = await perform(task, hooksFor(job, controller.signal));
    send({ type: 'done', job, answer });
  } catch (thrown) {
    const error = asLensError(thrown);
    if (error.kind === 'internal') {
      const { cause } = error;
      send({
        type: 'log',
        level: 'error',
        text: cause instanceof Error ? printableStack(cause) : error.message,
      });
    }
    send({ type: 'failed', job, failure: toFailure(error) });
  } finally {
    clearInterval(heartbeat);
    running = null;
  }
}

/** Sends what a task reports while it runs as messages. Bytes transferred are the progress of a task's only step. */
const hooksFor = (job: string, signal: AbortSignal): TaskHooks => ({
  signal,
  progress: (progress) => send({ type: 'progress', job, progress }),
  partial: (folder, report) => send({ type: 'partial', job, folder, report }),
  moved: (message, done, total) => {
    const fraction = total === null ? 0 : done / total;
    send({ type: 'progress', job, progress: { step: 'model', done: [], fraction, message } });
  },
  note: (text) => send({ type: 'log', level: 'info', text }),
});

/** Generic in the kind, since a union of tasks would lose the link between a task and its answer. */
const perform = <K extends TaskKind>(task: TaskOf<K>, hooks: TaskHooks): Promise<EngineAnswer> =>
  engine.run<K>(task.kind, task, hooks);

send({ type: 'ready', pid: process.pid, node: process.versions.node });
if (process.argv.includes(ANALYSIS_FLAG)) engine.expectAnalysis();

/** The engine process: computes one task at a time for the supervisor that forked it, and ends with it. */
import type { EngineAnswer, EngineTask, FromEngine, ToEngine } from '../../../protocol/engine';
import { findCard, readCards } from '../store/card';
import { fetchModel } from '../store/fetch-model';
import { asLensError } from '../errors';
import { printableStack } from '../printable';
import type { Engine } from './engine';
import { createEngine } from './engine';
import { toFailure } from './failure';
import { HEARTBEAT_MS } from './heartbeat';
import { summarise } from './models';
import { installCuda, planCuda } from '../runtime/cuda/install';

const engine = createEngine();
let running: { readonly job: string; readonly controller: AbortController } | null = null;
/** Settles with the present task. */
let work: Promise<void> = Promise.resolve();

/** Milliseconds that a task gets to remove what it has begun; less than the supervisor's patience. */
const END_LIMIT = 800;

/** A closed channel means that the supervisor is gone, and this process goes too. */
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

/** Stops the present task, which removes its unfinished report, and exits. */
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
    const answer = await perform(engine, job, task, controller.signal);
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

function perform(on: Engine, job: string, task: EngineTask, signal: AbortSignal): Promise<EngineAnswer> {
  /** Bytes moved, as progress of the only step that such a task has. */
  const moved = (message: string) => (done: number, total: number | null) =>
    send({
      type: 'progress',
      job,
      progress: { step: 'model', done: [], fraction: total === null ? 0 : done / total, message },
    });
  switch (task.kind) {
    case 'analyze':
      return on.analyze(task.image, task.options, {
        signal,
        progress: (progress) => send({ type: 'progress', job, progress }),
        partial: (folder, report) => send({ type: 'partial', job, folder, report }),
      });
    case 'layerDetails':
      return on.layerDetails(task.folder, task.layer, task.channels, signal);
    case 'listModels':
      return on.listModels();
    case 'importModel': {
      const id = task.id === null ? {} : { id: task.id };
      const stateDict = task.stateDict === null ? {} : { stateDict: task.stateDict };
      return on.store
        .import(task.path, { signal, progress: moved(`copying ${task.path}`), ...id, ...stateDict })
        .then((m) => summarise(m));
    }
    case 'downloadModel':
      return fetchModel(findCard(task.id, readCards()), on.store, {
        signal,
        progress: moved(`downloading ${task.id}`),
      }).then((model) => summarise(model));
    case 'planCuda':
      return planCuda();
    case 'installCuda':
      return installCuda((line) => moved(line)(0, null), { signal }).then(() => null);
    case 'doctor':
      return on.doctor();
  }
}

send({ type: 'ready', pid: process.pid, node: process.versions.node });

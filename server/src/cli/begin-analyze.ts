/**
 * `inference-lens analyze`, begun with the thread that will load its network: the runtime takes as long to load as the code of an analysis,
 * which is read meanwhile.
 */
import { startSessionThread } from '../runtime/session-thread';

export async function runAnalyze(args: readonly string[], signal: AbortSignal): Promise<number> {
  const thread = startSessionThread();
  try {
    const analyze = await import('./analyze');
    return await analyze.runAnalyze(args, signal, thread);
  } finally {
    await thread.end(); // where no network was loaded
  }
}

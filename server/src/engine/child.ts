/** What the engine's process is started with: arguments and environment. */

/** The first task will be an analysis. */
export const ANALYSIS_FLAG = '--analysis';

/**
 * Runs as Node even where the editor's own binary runs it. One malloc arena for all threads (glibc): with one
 * each, memory that a thread has freed cannot be used by the others, which costs a warm engine 20 MB. Keeps
 * what the user has set.
 */
export const engineEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  MALLOC_ARENA_MAX: '1',
  ...env,
  ELECTRON_RUN_AS_NODE: '1',
});

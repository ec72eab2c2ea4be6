/** Runs the built command line as a user would: a process of its own, with its own cache folder. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../server/src/system/paths';

export const root = projectRoot();
export const cliPath = join(root, 'dist', 'cli.js');
export const samplePath = join(root, 'samples', 'portrait.png');

/** Runs a file of this project's source with Node: what follows these is its path and what it is given. */
export const fromSource = ['--require', join(root, 'scripts', 'from-source.cjs')] as const;

/** Shared by all command line tests of a machine, so that demo weights are made once. */
export const testCache = join(tmpdir(), `inference-lens-test-cache-${process.getuid?.() ?? 0}`);

export interface Finished {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Runs as another user (needs root). */
  readonly uid?: number;
  /** Called with the child's stderr so far, for tests that interfere while it runs. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  readonly timeoutMs?: number;
  /** Where an analysis names neither weights nor lens: `demo` by default, which is what most tests mean; `unsaid` leaves it to the product. */
  readonly weights?: 'demo' | 'unsaid';
}

const NAMES_A_NETWORK = ['--weights', '--lens', '--pipeline', '--architecture'];

export const withDemo = (args: readonly string[]): readonly string[] =>
  args[0] !== 'analyze' || args.some((arg) => NAMES_A_NETWORK.includes(arg))
    ? args
    : [...args, '--weights', 'demo'];

/** The environment of a run. */
export const surroundings = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  INFERENCE_LENS_CACHE: testCache,
  ...env,
});

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  if (!existsSync(cliPath)) throw new Error('dist/cli.js is missing: run `npm run build` first.');
  return new Promise((resolve, reject) => {
    const wanted = options.weights === 'unsaid' ? args : withDemo(args);
    const child = spawn(process.execPath, [cliPath, ...wanted], {
      cwd: options.cwd ?? tmpdir(),
      env: surroundings(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 240_000,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
      options.onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

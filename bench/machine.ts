/** The machine that a figure was measured on, and the version of this code. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { runtimeVersion } from '../server/src/runtime/devices';
import { projectRoot, projectVersion } from '../server/src/system/paths';

/** CPU, cores, memory, system, Node and runtime in one line. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const cores = `${cpus().length} cores${availableParallelism() === cpus().length ? '' : ` (${availableParallelism()} usable)`}`;
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`;
  return (
    `${cpu?.model.trim() ?? 'unknown CPU'}, ${cores}, ${memory}, ${system()} ${process.arch}, ` +
    `Node ${process.versions.node}, onnxruntime ${runtimeVersion()}`
  );
}

/** The distribution where it says its name, and the kernel. */
function system(): string {
  const kernel = `${type()} ${release()}`;
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    return name === undefined ? kernel : `${name}, ${kernel}`;
  } catch {
    return kernel;
  }
}

/** Version and, in a Git checkout, the commit, with what in the measured code has changed since. */
export function describeCode(root = projectRoot()): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const version = `version ${projectVersion()}`;
  try {
    const changed =
      git('status', '--porcelain', '--', 'server', 'protocol', 'painting', 'bench/*.ts', 'bench/peers') !==
      '';
    return `${version}, commit ${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
  } catch {
    return version;
  }
}

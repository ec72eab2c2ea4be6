/** The machine that a figure was measured on, in one line. */
import { cpus, totalmem } from 'node:os';
import { runtimeVersion } from '../server/src/runtime/devices';

export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`;
  return (
    `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memory}, ${process.platform}-${process.arch}, ` +
    `Node ${process.versions.node}, onnxruntime ${runtimeVersion()}`
  );
}

/** Says what this machine has and lacks: versions, devices and why each is or is not available, cache, models. */
import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Remedy } from '../../../protocol/failure';
import type { DoctorLine } from '../../../protocol/requests';
import { LensError } from '../errors';
import { imagingVersions } from '../imaging/versions';
import { FolderCache } from '../system/cache';
import type { CudaExamination } from '../runtime/cuda/examination';
import type { DeviceState, Probe } from '../runtime/devices';
import { deviceStates, examineThisCuda, runtimeVersion } from '../runtime/devices';
import { makeFolders } from '../system/make-folders';
import { cacheRoot, projectVersion } from '../system/paths';

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Below this the explain session of EfficientNet-B5 does not fit comfortably. */
const LOW_MEMORY = 2e9;
/** Below this the cache cannot take EfficientNet-B5. */
const LOW_DISK = 1e9;

export async function examine(
  probe: Probe,
  models: () => Promise<readonly DoctorLine[]>,
): Promise<readonly DoctorLine[]> {
  const here = deviceStates().filter(({ elsewhere }) => elsewhere === undefined);
  const devices = await Promise.all(here.map((state) => deviceLine(state, probe)));
  return [...versionLines(), ...devices, ...cudaLines(), await cacheLine(), ...(await models())];
}

function versionLines(): readonly DoctorLine[] {
  const images = imagingVersions();
  const memory = `${gigabytes(freemem())} free of ${gigabytes(totalmem())}`;
  return [
    ok('version', `Inference Lens ${projectVersion()}`),
    ok('runtime', `Node ${process.versions.node} (${process.execPath}), ${process.platform}-${process.arch}`),
    ok('runtime', `onnxruntime ${runtimeVersion()}, sharp ${images.sharp} (libvips ${images.vips})`),
    ok('CPU', `${availableParallelism()} cores`),
    freemem() < LOW_MEMORY
      ? warning('memory', memory, 'Close other programs: EfficientNet-B5 needs about 1 GB.')
      : ok('memory', memory),
  ];
}

export async function deviceLine(state: DeviceState, probe: Probe): Promise<DoctorLine> {
  const topic = `device ${state.provider}`;
  if (!state.available) return warning(topic, `not available: ${state.reason}`, state.fix, state.remedies);
  try {
    await probe(state.provider);
    return ok(
      topic,
      state.software ? `${state.reason}; a software renderer, so \`auto\` skips it` : state.reason,
    );
  } catch (thrown) {
    const text = `found (${state.reason}) but does not compute: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    // Nobody misses what analyses do not take by themselves.
    if (state.software) return warning(topic, text, null);
    return {
      topic,
      state: 'problem',
      text,
      fix: fixOf(thrown) ?? 'Check the GPU driver; for CUDA, see the lines on CUDA below.',
    };
  }
}

const fixOf = (thrown: unknown): string | undefined => (thrown instanceof LensError ? thrown.fix : undefined);

/** Part by part, where there is a driver: without one, a list of what else is missing is of no use. */
export function cudaLines(examination: CudaExamination = examineThisCuda()): readonly DoctorLine[] {
  if (!examination.present) return [];
  return examination.findings.map(({ part, ok: fine, text, fix, remedies }) =>
    fine ? ok(`CUDA ${part}`, text) : warning(`CUDA ${part}`, text, fix, remedies),
  );
}

async function cacheLine(): Promise<DoctorLine> {
  const root = cacheRoot();
  try {
    await makeFolders(root);
    await access(root, constants.W_OK);
    const { bavail, bsize } = await statfs(root);
    const text = `${root}: ${megabytes(await new FolderCache(root).size())}, ${gigabytes(bavail * bsize)} free`;
    return bavail * bsize < LOW_DISK
      ? warning('cache', text, 'Free some space, or set INFERENCE_LENS_CACHE to another folder.')
      : ok('cache', text);
  } catch (thrown) {
    return {
      topic: 'cache',
      state: 'problem',
      text: `${root} cannot be written: ${(thrown as Error).message}`,
      fix: 'Set INFERENCE_LENS_CACHE to a folder that can be written.',
    };
  }
}

const ok = (topic: string, text: string): DoctorLine => ({ topic, state: 'ok', text, fix: null });
const warning = (
  topic: string,
  text: string,
  fix: string | null,
  remedies: readonly Remedy[] = [],
): DoctorLine => ({
  topic,
  state: 'warning',
  text,
  fix,
  ...(remedies.length === 0 ? {} : { remedies }),
});

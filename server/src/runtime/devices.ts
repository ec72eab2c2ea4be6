/** Which devices this machine offers, and why not the others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Remedy } from '../../../protocol/failure';
import { DEVICES, idsOf } from '../../../protocol/vocabulary';
import { LensError } from '../errors';
import type { CudaExamination } from './cuda/examination';
import { examineCuda } from './cuda/examination';
import { findLibrary, loaderFolders } from './cuda/library-search';
import { GPU_NODES, showsGpu } from './gpu-nodes';
import type { Device, Provider } from './session';

export interface DeviceState {
  readonly provider: Provider;
  readonly available: boolean;
  /** Why it is not available, or what it runs on. */
  readonly reason: string;
  /** Whether the hardware is there, usable or not. */
  readonly present: boolean;
  /** True where the CPU only plays the device: works, but `auto` does not take it. */
  readonly software: boolean;
  /** Of other platforms: nothing here could make it available. */
  readonly elsewhere?: true;
  /** What would make it available. */
  readonly fix: string | null;
  readonly remedies?: readonly Remedy[];
}

export interface PassedOver {
  readonly provider: Provider;
  readonly reason: string;
  /** Whether that is worth a warning: the hardware is there, and something keeps it from being used. */
  readonly present: boolean;
}

export interface ChosenDevice {
  readonly requested: Device;
  readonly provider: Provider;
  readonly passedOver: readonly PassedOver[];
}

/** The providers' shared libraries that the runtime looks for beside its binding, by platform. */
export function runtimeFolder(): string {
  const require = createRequire(join(__dirname, 'package.json'));
  const manifest = require.resolve('onnxruntime-node/package.json');
  return join(dirname(manifest), 'bin', 'napi-v6', process.platform, process.arch);
}

export function runtimeVersion(): string {
  const manifest = join(runtimeFolder(), '..', '..', '..', '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** The state of every device on this machine. Looks at files only: no library is loaded. */
export function deviceStates(): readonly DeviceState[] {
  return idsOf(DEVICES).map((provider) => deviceState(provider));
}

function deviceState(provider: Provider): DeviceState {
  const state = (available: boolean, reason: string, fix: string | null = null): DeviceState => ({
    provider,
    available,
    reason,
    present: available,
    software: false,
    fix,
  });
  switch (provider) {
    case 'cpu':
      return state(true, `${process.arch} CPU`);
    case 'cuda':
      return cudaState(state);
    case 'coreml':
      return process.platform === 'darwin'
        ? state(true, 'part of macOS')
        : { ...state(false, 'needs macOS'), elsewhere: true };
    case 'directml':
      return process.platform === 'win32'
        ? state(true, 'DirectML, which comes with the runtime')
        : { ...state(false, 'needs Windows'), elsewhere: true };
    case 'webgpu':
      return webgpuState(state);
  }
}

export type MakeState = (available: boolean, reason: string, fix?: string | null) => DeviceState;

function cudaState(state: MakeState): DeviceState {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { ...state(false, 'needs Linux on x64'), elsewhere: true };
  const { present, findings } = examineThisCuda();
  const fault = findings.find(({ ok }) => !ok);
  const [driver] = findings;
  if (fault === undefined) return state(true, driver?.text ?? '');
  const before = fault === driver || driver === undefined ? '' : `${driver.text}; but `;
  // The loader may know libraries by other ways than we do: whether those that we miss are there is for the probe to find.
  const decided = fault.part === 'driver' || fault.part === 'provider';
  const { fix, remedies = [] } = fault;
  return { ...state(!decided, `${before}${fault.text}`, fix), present, remedies };
}

/** CUDA on this machine, part by part; or on another one whose files are mounted where INFERENCE_LENS_SYSTEM_ROOT says. */
export function examineThisCuda(): CudaExamination {
  const root = process.env['INFERENCE_LENS_SYSTEM_ROOT'] ?? '/';
  return examineCuda({ root, env: process.env, runtimeFolder: join(root, runtimeFolder()) });
}

function webgpuState(state: MakeState): DeviceState {
  if (process.platform === 'win32') return state(true, 'Direct3D 12');
  if (process.platform === 'darwin') return state(true, 'Metal');
  if (process.arch !== 'x64') return state(false, 'the runtime has WebGPU on Linux for x64 only');
  const loader = findLibrary('libvulkan.so.1', loaderFolders({ root: '/', env: process.env }));
  const here = {
    drivers: vulkanDrivers(),
    loader: loader !== null,
    // Who names the drivers knows what they drive; of those that packages install, most have nothing to drive.
    gpu: namedDrivers() !== undefined || showsGpu('/'),
  };
  return vulkanState(here, state);
}

const namedDrivers = (): string | undefined =>
  process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];

/** File names of the manifests of Vulkan's drivers: those that the environment names, or else those that are installed. */
export const vulkanDrivers = (): readonly string[] =>
  (namedDrivers()?.split(delimiter) ?? installedVulkanDrivers()).map((path) => basename(path));

/** @param drivers file names of their manifests */
export function vulkanState(
  here: { readonly drivers: readonly string[]; readonly loader: boolean; readonly gpu: boolean },
  state: MakeState,
): DeviceState {
  const { drivers, loader, gpu } = here;
  if (drivers.length === 0) {
    return state(
      false,
      `no Vulkan driver in ${vulkanFolders.join(' or ')}`,
      'Install the Vulkan driver of your GPU.',
    );
  }
  const names = drivers.join(', ');
  if (!loader) {
    const lacking = `Vulkan driver ${names}, but the loader libvulkan.so.1 was not found`;
    return state(false, lacking, "Install Vulkan's loader (Debian and Ubuntu: libvulkan1).");
  }
  const renderers = drivers.filter((name) => softwareRenderer.test(name));
  if (!gpu && renderers.length === 0) {
    return state(
      false,
      `Vulkan driver ${names}, but Linux shows no GPU: ${GPU_NODES}`,
      'Install the kernel driver of your GPU; in a container, pass its device to it.',
    );
  }
  const software = !gpu || renderers.length === drivers.length;
  return { ...state(true, `Vulkan driver ${names}`), software, present: !software };
}

const vulkanFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Drivers that draw on the CPU: lavapipe and SwiftShader. */
const softwareRenderer = /^(lvp_|.*swiftshader)/;

function installedVulkanDrivers(): readonly string[] {
  return vulkanFolders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.json')));
}

/** Proves that a device computes, or throws why it does not. */
export type Probe = (provider: Provider) => Promise<void>;

/**
 * On an H100 EfficientNet-B5's first picture takes 6 s with CUDA, which tries all algorithms for each convolution, 4 s with WebGPU, which compiles its
 * programs, and 3 s with the CPU beside it; every other picture takes a seventh of the CPU's time with CUDA (bench/GPU.md).
 */
const SLOW_TO_START: ReadonlySet<Provider> = new Set(['cuda', 'webgpu']);

const tooSlowForOne = (provider: Provider): string =>
  `one picture in a process of its own: the first run on ${provider} takes seconds, and the CPU is sooner; ` +
  `\`--device ${provider}\` runs on it all the same`;

/**
 * The device to run on. `auto` takes the best that is available and says why better ones were skipped; a device
 * requested by name is taken or refused, never replaced.
 * @param once for one picture, after which the process ends
 * @throws LensError of kind `device`
 */
export async function chooseDevice(
  requested: Device,
  probe: Probe,
  states: readonly DeviceState[] = deviceStates(),
  once = false,
): Promise<ChosenDevice> {
  if (requested !== 'auto') {
    const state = states.find((s) => s.provider === requested);
    if (state?.available !== true) {
      throw new LensError(
        'device',
        `The ${requested} device is not available: ${state?.reason ?? 'unknown'}.`,
        {
          code: 'no-device',
          ...(state?.fix ? { fix: state.fix } : {}),
          remedies: [...(state?.remedies ?? []), 'other-device'],
        },
      );
    }
    await probe(requested);
    return { requested, provider: requested, passedOver: [] };
  }
  const passedOver: PassedOver[] = [];
  for (const state of states) {
    const { provider, present } = state;
    if (once && SLOW_TO_START.has(provider) && state.available && !state.software) {
      passedOver.push({ provider, reason: tooSlowForOne(provider), present: false });
      continue;
    }
    const refusal = await reasonAgainst(state, probe);
    if (refusal === null) return { requested, provider, passedOver };
    passedOver.push({ provider, reason: refusal, present });
  }
  throw new LensError('device', 'No device is available.', { code: 'no-device', remedies: ['doctor'] });
}

async function reasonAgainst(state: DeviceState, probe: Probe): Promise<string | null> {
  if (!state.available) return state.reason;
  if (state.software) return `${state.reason}: a software renderer, slower than the CPU itself`;
  try {
    await probe(state.provider);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** onnxruntime behind `Session`: the only file that touches its sessions and tensors. */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { LensError } from '../errors';
import { prepareNativeEnvironment } from './native-environment';
import type { NodePlacement } from './node-placement';
import { readNodePlacement } from './node-placement';
import type { ProfileFile } from './profile-file';
import { createProfileFile } from './profile-file';
import { cpuNodes } from './cpu-nodes';
import type { Provider, Session, SessionOptions, Tensor } from './session';
import { PAD_FUSION } from './wrong-optimizers';

/** The runtime's own names for our providers. */
const providerNames: Readonly<Record<Provider, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  webgpu: 'webgpu',
  directml: 'dml',
  coreml: 'coreml',
};

/** Options of the runtime beyond `SessionOptions`; used by the session cache and by profiling. */
export interface RuntimeOptions extends SessionOptions {
  /** Writes the optimized graph here while loading. */
  readonly optimizedModelPath?: string;
  /** Session configuration entries, as in onnxruntime_session_options_config_keys.h. */
  readonly config?: Readonly<Record<string, string>>;
  /** Prefix of the profile file that the runtime writes when the session is disposed. */
  readonly profilePrefix?: string;
}

/**
 * Loads a model from a path (external weights are beside it) or from bytes.
 * @throws LensError of kind `device` if the provider is not available, of kind `model` if the graph is not accepted.
 */
export async function createSession(
  model: string | Uint8Array,
  options: RuntimeOptions = { provider: 'cpu' },
): Promise<Session> {
  prepareNativeEnvironment();
  const record = options.recordPlacement === true && options.profilePrefix === undefined;
  const onCpu = await cpuNodes(model, options.provider);
  const profile = record ? await createProfileFile() : null;
  const native = toNativeOptions(
    profile === null ? options : { ...options, profilePrefix: profile.prefix },
    onCpu,
  );
  const runtime = await loadRuntime();
  let session: InferenceSession;
  try {
    session =
      typeof model === 'string'
        ? await runtime.InferenceSession.create(model, native)
        : await runtime.InferenceSession.create(model, native);
  } catch (thrown) {
    await profile?.discard();
    throw loadError(thrown, model, options);
  }
  await profile?.opened();
  return wrap(session, runtime.Tensor, options, profile);
}

/** Severity 4 is `fatal`: see `loadRuntime`. */
const SILENT = { environment: 'fatal', session: 4 } as const;

/**
 * Not before a session is wanted in this thread: those of an analysis are in threads of their own.
 *
 * The runtime writes its log to the process's standard error, past Node, names of nodes and files as they are: a model could steer the
 * terminal with them, also under --quiet. What goes wrong comes as an error too, so nothing is lost by its silence. The environment's
 * level counts when the process opens its first session, a session's for its runs as well.
 */
async function loadRuntime() {
  const runtime = await import('onnxruntime-node');
  runtime.env.logLevel = SILENT.environment;
  return runtime;
}

/**
 * COREML_FLAG_CREATE_MLPROGRAM (coreml_provider_factory.h): the tensors of an ML program have types, so float32 stays float32. In the
 * provider's default format, the older neural network, Core ML itself chooses 16 bits on GPU and Neural Engine (coremltools guide,
 * "Typed Execution"), which is worse than the 1e-3 that devices agree to. Needs macOS 12, less than the runtime does.
 */
const COREML_PROGRAM = 0x010;

/** The binding knows `forceCpuNodeNames` for WebGPU and `coreMlFlags` (session_options_helper.cc, 1.30); of the first its types do not. */
function executionProvider(
  provider: Provider,
  onCpu: readonly string[],
): InferenceSession.ExecutionProviderConfig {
  const name = providerNames[provider];
  if (provider === 'coreml') return { name: 'coreml', coreMlFlags: COREML_PROGRAM };
  return onCpu.length === 0
    ? name
    : ({ name, forceCpuNodeNames: onCpu } as InferenceSession.ExecutionProviderConfig);
}

function toNativeOptions(options: RuntimeOptions, onCpu: readonly string[]): InferenceSession.SessionOptions {
  const spins = options.spinning !== false && process.env['INFERENCE_LENS_SPINNING'] !== 'off';
  return {
    executionProviders: [executionProvider(options.provider, onCpu)],
    graphOptimizationLevel: options.optimization ?? 'all',
    logSeverityLevel: SILENT.session,
    // A pattern makes the second run allocate all of its memory again beside the first run's: twice as much for good.
    ...(options.provider === 'cpu' ? { enableMemPattern: false } : {}),
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.optimizedModelPath === undefined
      ? {}
      : { optimizedModelFilePath: options.optimizedModelPath }),
    ...(options.profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
    extra: nested({ ...NO_WRONG_FUSION, ...(spins ? {} : NO_SPINNING), ...options.config }),
  };
}

/** For graphs that nobody has looked at: `saveOptimized` knows whether it is needed. */
const NO_WRONG_FUSION = { 'optimization.disable_specified_optimizers': PAD_FUSION } as const;

const NO_SPINNING = { 'session.intra_op.allow_spinning': '0' } as const;

/** The binding takes `session.x.y` entries as nested objects. */
function nested(config: Readonly<Record<string, string>>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const parts = key.split('.');
    const last = parts.pop() ?? key;
    let at = root;
    for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return root;
}

/** The runtime's class of tensors, which is loaded with it. */
type MakeTensor = typeof OrtTensor;

function wrap(
  session: InferenceSession,
  make: MakeTensor,
  options: RuntimeOptions,
  firstRun: ProfileFile | null,
): Session {
  let recording = firstRun;
  let placement: NodePlacement | null = null;
  /** Ends the record after one run: profiling slows a run down. */
  const endRecording = async (): Promise<void> => {
    const profile = recording;
    recording = null;
    if (profile === null) return;
    session.endProfiling();
    placement = readNodePlacement(await profile.read());
    await profile.discard();
  };
  return {
    provider: options.provider,
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, fetch) {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [name, toNative(tensor, make)]),
      );
      const results = await (fetch === undefined ? session.run(inputs) : session.run(inputs, fetch)).catch(
        (thrown: unknown) => {
          throw runError(thrown, options);
        },
      );
      await endRecording();
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, fromNative(name, value)]),
      );
    },
    nodePlacement: () => Promise.resolve(placement),
    async dispose() {
      await endRecording();
      if (options.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

function toNative(tensor: Tensor, make: MakeTensor): OrtTensor {
  return new make(tensor.type, tensor.data as Float32Array, tensor.dims);
}

function fromNative(name: string, value: OrtTensor): Tensor {
  switch (value.type) {
    case 'float32':
    case 'float64':
    case 'int64':
    case 'int32':
    case 'bool':
    case 'uint8':
      return { type: value.type, dims: value.dims, data: value.data } as Tensor;
    default:
      throw new LensError('model', `Output "${name}" has type ${value.type}, which cannot be read here.`, {
        fix: 'Cast the output to float32 in the model.',
      });
  }
}

/** Memory that runs out, a device that is lost, or an operator that receives a shape it does not take. */
function runError(thrown: unknown, { provider, source = 'The network' }: SessionOptions): LensError {
  const reason = reasonOf(thrown);
  const memory = OUT_OF_MEMORY.test(reason);
  if (provider === 'cpu')
    return memory
      ? outOfMemory(source, reason, thrown)
      : new LensError('model', `${source}: onnxruntime stopped while it ran the network: ${reason}`, {
          cause: thrown,
          fix: 'The message names the node: check the model with the exporter that made it.',
        });
  return new LensError(
    'device',
    `${source}: the ${provider} device stopped while it ran the network: ${reason}`,
    {
      cause: thrown,
      ...(memory
        ? {
            fix: 'Close other programs that use the memory of this device, or choose a smaller network.',
            remedies: ['cpu'],
          }
        : { remedies: ['doctor', 'cpu'] }),
    },
  );
}

const OUT_OF_MEMORY = /alloc|memory/i;

/** The CPU's memory is the machine's: that is not a fault of a device, and no other would help. */
const outOfMemory = (source: string, reason: string, cause: unknown): LensError =>
  new LensError('model', `${source}: there is not enough memory to run this network: ${reason}`, {
    cause,
    fix: 'Close other programs; a smaller network or input needs less.',
    remedies: ['choose-weights'],
  });

/** @param model what the runtime was given; where it is a file in a cache, the runtime's message names it */
function loadError(
  thrown: unknown,
  model: string | Uint8Array,
  { provider, source }: SessionOptions,
): LensError {
  const path = typeof model === 'string' ? model : null;
  const what = source ?? path ?? 'a model in memory';
  const reason = path === null ? reasonOf(thrown) : reasonOf(thrown).replaceAll(path, what);
  if (provider === 'cpu' && /bad_alloc|failed to allocate/i.test(reason))
    return outOfMemory(what, reason, thrown);
  const aboutDevice = provider !== 'cpu' && !/invalid model|protobuf|Type Error|ShapeInference/i.test(reason);
  return aboutDevice
    ? new LensError('device', `The ${provider} device cannot run ${what}: ${reason}`, {
        cause: thrown,
        remedies: ['doctor', 'cpu'],
      })
    : new LensError('model', `onnxruntime does not accept ${what}: ${reason}`, {
        cause: thrown,
        fix: 'Check the model with the exporter that made it; the message above names the node.',
      });
}

const reasonOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).trim();

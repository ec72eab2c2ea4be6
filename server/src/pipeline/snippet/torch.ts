/**
 * Which checkpoints a Python library reads as they are, and how: only where its constructor makes exactly the file's names and shapes, and
 * where the layer is a module of that library. Everything else is run by onnxruntime, from a graph that is exported.
 */
import { extname } from 'node:path';
import type { LayerReport, Report } from '../../../../protocol/report';
import type { SnippetLibrary } from '../../../../protocol/vocabulary';
import { defaultHead, parametersOf } from '../../architectures/build';
import { findHead } from '../../architectures/head';
import { findArchitecture } from '../../architectures/registry';
import { prefixBefore } from '../../architectures/wrapper';
import { openCheckpoint } from '../../checkpoints/open';
import { sameDims } from '../../onnx/dims';
import { comment, literal } from './python';

export interface TorchNetwork {
  readonly library: Exclude<SnippetLibrary, 'onnxruntime'>;
  /** What is installed with pip. */
  readonly packages: string;
  readonly imports: readonly string[];
  /** Lines that end with `model`, its weights loaded. */
  readonly lines: readonly string[];
  /** Path of the module whose output a layer is; null where it is none. */
  readonly moduleOf: (layer: string) => string | null;
  /** Expression that makes (C, P) of `t`, an output or its gradient. */
  readonly planes: (layer: LayerReport, module: string) => string;
}

interface Library {
  readonly packages: string;
  readonly imports: readonly string[];
  readonly construct: (variant: string, classes: number) => string;
  readonly moduleOf: (layer: string) => string | null;
}

type TorchLibrary = TorchNetwork['library'];

const LIBRARIES: Readonly<Record<TorchLibrary, Library>> = {
  torchvision: {
    packages: 'torch torchvision numpy',
    imports: ['import torchvision'],
    construct: (variant, classes) => `torchvision.models.${variant}(weights=None, num_classes=${classes})`,
    moduleOf: (layer) => layer,
  },
  timm: {
    packages: 'torch timm numpy',
    imports: ['import timm'],
    construct: (variant, classes) =>
      `timm.create_model(${literal(variant)}, pretrained=False, num_classes=${classes})`,
    moduleOf: (layer) => layer,
  },
  efficientnet_pytorch: {
    packages: 'torch efficientnet_pytorch numpy',
    imports: ['from efficientnet_pytorch import EfficientNet'],
    construct: (variant, classes) =>
      `EfficientNet.from_name(${literal(`efficientnet-${variant}`)}, num_classes=${classes})`,
    moduleOf: efficientNetModule,
  },
};

/** Layers have the reference's names there, not the library's. */
function efficientNetModule(layer: string): string | null {
  const block = /^block_(\d+)$/.exec(layer);
  if (block !== null) return `_blocks.${Number(block[1])}`;
  const named: Readonly<Record<string, string>> = {
    ...{ conv_stem: '_conv_stem', bn0: '_bn0', conv_head: '_conv_head', bn1: '_bn1' },
    ...{ avg_pool: '_avg_pooling', dropout: '_dropout', fc: '_fc' },
  };
  return named[layer] ?? null;
}

/** Files that `torch.load` or safetensors read: one file that holds everything. */
const READ_BY_TORCH: ReadonlySet<string> = new Set(['.pth', '.pt', '.tar', '.ckpt', '.bin', '.safetensors']);

/** In these, token positions depend on the size that the library is given. */
const SIZED = /vit|deit|swin/;

/** Null where no library is known to make the same network. */
export async function torchNetwork({ model, classifier }: Report): Promise<TorchNetwork | null> {
  const { path, checkpoint } = model;
  const [, name = '', variant = ''] =
    /^(torchvision|timm|efficientnet_pytorch)\/([a-z0-9_]+)$/.exec(model.architecture) ?? [];
  const architecture = findArchitecture(model.architecture);
  if (path === null || checkpoint === undefined || architecture === undefined || name === '') return null;
  if (!READ_BY_TORCH.has(extname(path).toLowerCase())) return null;
  if (checkpoint.renamedHead !== null || checkpoint.unknownNames.length > 0) return null;
  const [, , side] = model.inputShape;
  if (SIZED.test(variant) && side !== architecture.inputSize) return null;
  const read = await namesIn(path, checkpoint.requestedStateDict);
  const prefix = read && prefixBefore(architecture.anchor, read.shapes.keys());
  if (read === null || prefix === null) return null;
  const own = new Map([...read.shapes].map(([key, shape]) => [key.slice(prefix.length), shape] as const));
  const head = findHead(own, architecture.head.root);
  const standard = defaultHead(architecture, head?.classes ?? 0);
  if (head === null || head.path !== standard.path || head.bias !== standard.bias) return null;
  const { shapes, unused } = parametersOf(architecture, head);
  const whole =
    [...shapes].every(([key, shape]) => own.has(key) && sameDims(shape, own.get(key) ?? [])) &&
    [...read.shapes.keys()].every((key) => {
      const bare = key.slice(prefix.length);
      return key.startsWith(prefix) && (shapes.has(bare) || unused.has(bare));
    });
  if (!whole || head.classes !== classifier.logits.length) return null;
  const library = LIBRARIES[name as TorchLibrary];
  return {
    ...{ library: name as TorchLibrary, packages: library.packages, moduleOf: library.moduleOf },
    imports: library.imports,
    lines: [
      `model = ${library.construct(variant, head.classes)}`,
      ...loading(path, read.location, prefix),
      'model.load_state_dict(state)',
      'model.eval()',
    ],
    planes: (layer, module) => planesExpression(variant, layer, module),
  };
}

interface Names {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Keys from the file's top to the state dict. */
  readonly location: readonly string[];
}

/** Null where the place of the state dict cannot be written as keys with dots. */
async function namesIn(path: string, requested: string | null): Promise<Names | null> {
  const checkpoint = await openCheckpoint(path, requested === null ? {} : { location: requested });
  try {
    const location = checkpoint.location.split('.').filter((key) => key !== '');
    if (location.some((key) => !/^\w+$/.test(key))) return null;
    return {
      shapes: new Map([...checkpoint.stateDict].map(([name, { shape }]) => [name, shape])),
      location,
    };
  } finally {
    await checkpoint.close();
  }
}

function loading(path: string, location: readonly string[], prefix: string): readonly string[] {
  const keys = location.map((key) => `[${literal(key)}]`).join('');
  const safe = extname(path).toLowerCase() === '.safetensors';
  return [
    ...(safe ? ['from safetensors.torch import load_file'] : []),
    safe
      ? `state = load_file(${literal(path)})`
      : `state = torch.load(${literal(path)}, map_location="cpu", weights_only=True)${keys}`,
    ...(prefix === ''
      ? []
      : [`state = {name.removeprefix(${literal(prefix)}): value for name, value in state.items()}`]),
  ];
}

function planesExpression(variant: string, { shape }: LayerReport, module: string): string {
  const [, channels = 1, height = 1, width = 1] = shape;
  const positions = height * width;
  if (/swin/.test(variant) && shape.length === 4) return `t[0].reshape(-1, ${channels}).T`;
  const tokens = /vit|deit/.test(variant) && shape.length === 4 && !/proj$/.test(module);
  if (tokens) return `t[0, -${positions}:].T`; // class and register tokens come first
  return `t[0].reshape(${channels}, -1)`;
}

/** Lines that end with `logits`, and with `A` and `g` of a layer. @param sign -1 where the first of two classes has the logit's opposite */
export function torchRun(
  network: TorchNetwork,
  input: string,
  at: {
    readonly layer: LayerReport;
    readonly module: string;
    readonly logit: number;
    readonly sign: 1 | -1;
  } | null,
): readonly string[] {
  const image = `image = torch.from_numpy(np.load(${literal(input)}))`;
  const load = [...network.lines, comment('What the network received.'), image];
  if (at === null) return [...load, 'logits = model(image)[0].detach().numpy()'];
  const { layer, module, logit, sign } = at;
  return [
    ...load,
    '',
    'kept = []',
    'def keep(module, inputs, output):',
    '    output.retain_grad()',
    '    kept.append(output)',
    '    return output.clone()  # what comes next may change it in place',
    `model.get_submodule(${literal(module)}).register_forward_hook(keep)`,
    `(${sign === 1 ? '' : '-'}model(image)[0, ${logit}]).backward()`,
    `planes = lambda t: ${network.planes(layer, module)}  # (channels, positions)`,
    'A, g = planes(kept[0].detach()).numpy(), planes(kept[0].grad).numpy()',
  ];
}

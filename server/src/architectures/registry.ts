/** Every classifier architecture whose checkpoints can be read. */
import { defaultHead, parametersOf } from './build';
import type { Parameters } from './difference';
import { efficientNetPytorch } from './efficientnet-pytorch';
import { findHead } from './head';
import type { Architecture } from './network';
import type { Shapes } from './state-dict';
import { timmEfficientNet } from './timm-efficientnet';
import { torchvisionEfficientNet } from './torchvision-efficientnet';
import { torchvisionResNet } from './torchvision-resnet';

/** What recognition needs of a network, whatever it computes. */
export interface Recogniser {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  /** A name that every file of the family holds; what stands before it in a file is the wrapper's prefix. */
  readonly anchor: string;
  /** The tensors expected in a file with these (unwrapped) tensors: sizes that users choose are taken from it. */
  expected(found: Shapes): Parameters;
}

/** Where several match a file, the first is the default. */
export const architectures: readonly Architecture[] = Object.freeze([
  ...efficientNetPytorch,
  ...torchvisionEfficientNet,
  ...timmEfficientNet,
  ...torchvisionResNet,
]);

export const classifierRecognisers: readonly Recogniser[] = Object.freeze(
  architectures.map((architecture) => ({
    id: architecture.id,
    task: 'classifier' as const,
    anchor: architecture.anchor,
    expected: (found: Shapes) =>
      parametersOf(architecture, findHead(found, architecture.head.root) ?? defaultHead(architecture, 2)),
  })),
);

export function findArchitecture(id: string): Architecture | undefined {
  return architectures.find((architecture) => architecture.id === id);
}

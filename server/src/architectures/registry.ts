/** Every classifier architecture whose checkpoints can be read. */
import { defaultHead, parametersOf } from './build';
import type { Parameters } from './difference';
import { efficientNetPytorch } from './efficientnet-pytorch';
import type { Architecture } from './network';
import { timmEfficientNet } from './timm-efficientnet';
import { torchvisionEfficientNet } from './torchvision-efficientnet';
import { torchvisionResNet } from './torchvision-resnet';

/** What recognition needs of a network, whatever it computes. */
export interface Recogniser {
  readonly id: string;
  readonly task: 'classifier' | 'detector';
  /** A name that every file of the family holds; what stands before it in a file is the wrapper's prefix. */
  readonly anchor: string;
  /** Where a classifier's library puts its last layer: files may hold another there, or elsewhere; null for a detector. */
  readonly head: Pick<Architecture['head'], 'root' | 'path'> | null;
  /** The tensors of the network as its library makes it. */
  expected(): Parameters;
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
    head: architecture.head,
    expected: () => parametersOf(architecture, defaultHead(architecture, 2)),
  })),
);

export function findArchitecture(id: string): Architecture | undefined {
  return architectures.find((architecture) => architecture.id === id);
}

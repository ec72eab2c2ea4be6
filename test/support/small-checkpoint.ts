/** A PyTorch-made EfficientNet-B0, put together from its golden: the smallest real checkpoint there is here. */
import { defaultHead, parametersOf } from '../../server/src/architectures/build';
import { findArchitecture } from '../../server/src/architectures/registry';
import type { Shapes } from '../../server/src/architectures/state-dict';
import type { Golden } from '../golden/architectures/golden';
import { readGolden, restoreCheckpoint } from '../golden/architectures/golden';

export const SMALL_ID = 'efficientnet_pytorch/b0';

export interface SmallCheckpoint {
  readonly path: string;
  readonly golden: Golden;
  readonly shapes: Shapes;
}

/** Writes it into `folder` in the container requested: `zip.pth`, `legacy.tar` or `bare.safetensors`. */
export function smallCheckpoint(folder: string, container: string): SmallCheckpoint {
  const golden = readGolden(SMALL_ID);
  const architecture = findArchitecture(SMALL_ID);
  const found = golden.containers.find((name) => name.includes(`.${container}`));
  if (architecture === undefined || found === undefined)
    throw new Error(`No golden ${SMALL_ID} ${container}.`);
  const { shapes } = parametersOf(architecture, defaultHead(architecture, golden.classes));
  return { path: restoreCheckpoint(golden, found, shapes, folder), golden, shapes };
}

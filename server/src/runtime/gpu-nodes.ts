/**
 * Whether Linux shows a GPU to programs. A Vulkan driver alone proves none: Mesa's packages bring those of Intel and AMD to every
 * machine, also to servers and containers that have no GPU.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Of drivers outside the kernel's DRM: NVIDIA's own, and the one of Windows' Subsystem for Linux. */
const OTHERS = /^(nvidia\d+|dxg)$/;

/** For messages: what was looked for. */
export const GPU_NODES = 'none of /dev/dri/renderD*, /dev/nvidia* and /dev/dxg is there';

/** @param root of the file system, `/` but for tests */
export function showsGpu(root: string): boolean {
  const names = (folder: string): readonly string[] =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  return (
    names('dev/dri').some((name) => name.startsWith('renderD')) ||
    names('dev').some((name) => OTHERS.test(name))
  );
}

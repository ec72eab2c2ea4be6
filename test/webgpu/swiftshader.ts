/** An environment in which WebGPU runs without a GPU: on SwiftShader, the Vulkan driver that Debian's Chromium brings along. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { installDebianPackages } from '../e2e/vscode/install.mjs';

const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser'];
const driver = 'vk_swiftshader_icd.json';

const installed = (): string | undefined => folders.find((folder) => existsSync(join(folder, driver)));

/**
 * For a child process: the loader of Vulkan reads these when it starts. Chromium is installed where apt-get may do that, as for the
 * tests in VS Code; elsewhere the test is skipped aloud, but never in CI.
 */
export async function softwareVulkan(t: TestContext): Promise<NodeJS.ProcessEnv | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    t.skip(
      `onnxruntime-node has no WebGPU for ${process.platform}-${process.arch} that SwiftShader could carry`,
    );
    return null;
  }
  let reason = 'none of its packages has the driver';
  if (installed() === undefined) {
    await installDebianPackages().catch((error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
  }
  const folder = installed();
  if (folder !== undefined) {
    const icd = join(folder, driver);
    const libraries = [folder, process.env['LD_LIBRARY_PATH'] ?? ''].filter((path) => path !== '').join(':');
    return { ...process.env, VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, LD_LIBRARY_PATH: libraries };
  }
  const problem = `SwiftShader (${driver}, in Debian's chromium-common package) is not here: ${reason}`;
  if (process.env['CI'] !== undefined) throw new Error(problem);
  t.skip(problem);
  return null;
}

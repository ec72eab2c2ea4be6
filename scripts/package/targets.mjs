/** The platforms a package is made for: which native files each needs, and why one of them cannot be had. */

const linux = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];
const windows = ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'];
// npm's package holds the library twice; the binding's load command names this one.
const mac = ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'];

/** On Windows libvips lies in sharp's own package; elsewhere in one beside it. */
const target = (platform, arch, runtimeFiles) => ({
  name: `${platform}-${arch}`,
  platform,
  arch,
  /** Exactly these files of onnxruntime-node's bin/napi-v6/<platform>/<arch>. */
  runtimeFiles,
  nativePackages: [
    `@img/sharp-${platform}-${arch}`,
    ...(platform === 'win32' ? [] : [`@img/sharp-libvips-${platform}-${arch}`]),
  ],
});

/** VS Code's names of targets; docs/targets.md is this table in words. */
export const targets = Object.freeze(
  Object.fromEntries(
    [
      target('linux', 'x64', linux),
      target('linux', 'arm64', linux),
      target('darwin', 'arm64', mac),
      target('win32', 'x64', windows),
      target('win32', 'arm64', windows),
    ].map((entry) => [entry.name, Object.freeze(entry)]),
  ),
);

/** Targets of the matrix that cannot be packaged, and why. */
export const refused = Object.freeze({
  'darwin-x64':
    'the npm package onnxruntime-node 1.30 holds no binary for macOS on Intel processors, though its readme lists one',
});

/**
 * @param {string} name such as `linux-x64`
 * @throws Error that says why a target is refused, or which there are
 */
export function findTarget(name) {
  const found = targets[name];
  if (found) return found;
  const known = Object.keys(targets).join(', ');
  if (name in refused)
    throw new Error(`Target ${name} cannot be packaged: ${refused[name]}. Others: ${known}.`);
  throw new Error(`Target ${name} is not known. Expected one of ${known}.`);
}

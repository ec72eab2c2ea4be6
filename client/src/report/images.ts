/** Which files are images, by their names; what they really are is found out when they are read. */
import { imageExtensions } from '../../../protocol/analysis';

export { imageExtensions };

/** Also in the manifest's `when` clauses. */
export const checkpointExtensions = [
  'tar',
  'pth',
  'pt',
  'ckpt',
  'bin',
  'zip',
  'safetensors',
  'onnx',
] as const;

const extensionOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

export const isImage = (path: string): boolean =>
  imageExtensions.some((extension) => extension === extensionOf(path));

/** For a search in a folder; both cases, since patterns heed them on some systems. */
export const imagePattern = `**/*.{${imageExtensions.flatMap((name) => [name, name.toUpperCase()]).join(',')}}`;

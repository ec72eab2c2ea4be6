/** Which files are images, by their names; what they really are is found out when they are read. */
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';

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
  IMAGE_EXTENSIONS.some((extension) => extension === extensionOf(path));

/** For a search in a folder; upper and lower case, since patterns are case-sensitive on some systems. */
export const imagePattern = `**/*.{${IMAGE_EXTENSIONS.flatMap((name) => [name, name.toUpperCase()]).join(',')}}`;

/** Finds BlazeFace's model file and makes sure that it is the one this code was written for. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LensError } from '../errors';

/** The files of npm's @mediapipe/face_detection 0.4.1657300184 (Apache-2.0). */
export const blazefaceSha256 = {
  full_range: '99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3',
  short_range: '3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633',
} as const;

export type BlazefaceRange = keyof typeof blazefaceSha256;

/**
 * Beside the bundle (dist/models), or, when running from source, in the built dist/models or the installed package.
 * @throws LensError 'model' if it is nowhere, or is not that file.
 */
export async function readBlazefaceFile(
  range: BlazefaceRange,
  folders: readonly string[] = defaultFolders(),
): Promise<{ path: string; bytes: Uint8Array }> {
  const name = `face_detection_${range}.tflite`;
  for (const folder of folders) {
    const path = join(folder, name);
    const bytes = await readIfPresent(path);
    if (bytes === null) continue;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== blazefaceSha256[range]) {
      throw new LensError(
        'model',
        `${path}: expected the BlazeFace model with SHA-256 ${blazefaceSha256[range]}, found ${found}.`,
        { fix: 'Install Inference Lens again, or run `npm ci` in its checkout.', remedies: ['give-box'] },
      );
    }
    return { path, bytes };
  }
  throw new LensError('model', `The BlazeFace model ${name} is in none of ${folders.join(', ')}.`, {
    fix: 'Install Inference Lens again, or run `npm ci` in its checkout.',
    remedies: ['give-box', 'whole-image'],
  });
}

function defaultFolders(): readonly string[] {
  const root = join(__dirname, '..', '..', '..');
  return [
    join(__dirname, 'models'),
    join(root, 'dist', 'models'),
    join(root, 'node_modules', '@mediapipe', 'face_detection'),
  ];
}

async function readIfPresent(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new LensError(
      'model',
      `${path}: the BlazeFace model cannot be read: ${(thrown as Error).message}`,
      {
        cause: thrown,
        fix: 'Make the file readable, or install Inference Lens again.',
      },
    );
  }
}

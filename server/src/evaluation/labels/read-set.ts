/** Reads a folder or manifest as a set of labeled pictures. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LensError } from '../../errors';
import type { PictureSet } from './entry';
import { setOfFolder } from './from-folder';
import { setOfManifest } from './manifest';
import { pathPattern } from './path-pattern';

export interface SetRequest {
  /** Absolute path of a folder or a manifest. */
  readonly source: string;
  /** `folders`, `none`, or a pattern with `{label}`; null for the source's own. */
  readonly labels: string | null;
  readonly pathColumn: string | null;
  readonly labelColumn: string | null;
  readonly root: string | null;
  /** Manifests may name pictures by address; false by default. */
  readonly fetch?: boolean;
  /** A folder whose pictures are none of a folder's set, such as one of masks. */
  readonly except?: string | null;
}

/** @throws LensError of kind `usage` */
export async function readSet(request: SetRequest, signal?: AbortSignal): Promise<PictureSet> {
  const { source, labels, pathColumn, labelColumn } = request;
  const found = await stat(source).catch(() => null);
  if (!found?.isDirectory() && !found?.isFile()) {
    const there = found === null ? 'nothing there' : 'a pipe, a device or something else';
    throw new LensError('usage', `${source}: expected a folder of pictures or a manifest, found ${there}.`, {
      fix: 'Check the path.',
    });
  }
  const labelled = labels !== 'none';
  const ofPath = labels === null || labels === 'none' || labels === 'folders' ? null : pathPattern(labels);
  if (found.isDirectory()) {
    const set = await setOfFolder(source, {
      pattern: ofPath,
      labelled,
      except: request.except ?? null,
      signal,
    });
    return labels === 'folders' ? { ...set, labelsGuessed: false } : set;
  }
  const pattern = labels === 'folders' ? pathPattern('{label}/**') : ofPath;
  const root = request.root === null ? null : resolve(request.root);
  return setOfManifest(source, {
    pathColumn,
    labelColumn,
    pattern,
    labelled,
    root,
    signal,
    fetch: request.fetch === true,
  });
}

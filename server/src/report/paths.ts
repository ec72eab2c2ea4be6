/** Where each file of a report is, relative to its folder, with forward slashes. */

import type { CamMethod, RelativePath } from '../../../protocol/report';
import type { Subject } from '../../../protocol/subject';
import { safeName } from './process-id';

export const reportPaths = Object.freeze({
  markdown: 'report.md',
  json: 'report.json',
  maps: 'maps.bin',
  original: 'steps/a_input/original.png',
  edited: 'steps/a_input/edited.png',
  mask: 'steps/b_preprocess/mask.png',
  processed: 'steps/b_preprocess/dwt_processed.png',
  classifier: 'steps/d_classifier/classifier.json',
});

interface SubjectPaths {
  /** The input with what is looked at marked in it; the input itself where that is all of it. */
  readonly overlay: RelativePath;
  readonly crop: RelativePath;
}

/** Of a face the reference's names. */
export const subjectPaths: Readonly<Record<Subject, SubjectPaths>> = {
  face: { overlay: 'steps/a_input/retinaface_overlay.png', crop: 'steps/b_preprocess/cropped_face.png' },
  region: { overlay: 'steps/a_input/overlay.png', crop: 'steps/b_preprocess/picture.png' },
  picture: { overlay: reportPaths.original, crop: 'steps/b_preprocess/picture.png' },
};

/** The picture of one wavelet plane, named after the reference's label: `cA_r` is `red`. */
export function waveletPlanePath(labelColor: string): RelativePath {
  return `steps/b_preprocess/dwt_${safeName(labelColor)}.png`;
}

export interface LayerPaths {
  readonly folder: RelativePath;
  readonly activation: RelativePath;
  readonly stats: RelativePath;
  /** The first method of the report has the reference's plain name. */
  heatmap(method: CamMethod, first: boolean): RelativePath;
}

/** Paths of every layer, in order. Names that become equal once made safe for file systems are numbered. */
export function layerPaths(names: readonly string[]): LayerPaths[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const safe = safeName(name);
    let unique = safe;
    // Lower case: two names that differ only in case are one folder on macOS and Windows.
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${safe}_${n}`;
    taken.add(unique.toLowerCase());
    const folder = `steps/c_layers/${unique}`;
    return {
      folder,
      activation: `${folder}/image/activation.png`,
      stats: `${folder}/stats.json`,
      heatmap: (method, first) =>
        first ? `${folder}/heatmap/overlay.png` : `${folder}/heatmap/overlay_${fileWord(method)}.png`,
    };
  });
}

function fileWord(method: CamMethod): string {
  return method === 'gradcam++' ? 'gradcampp' : method;
}

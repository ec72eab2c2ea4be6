/** Warnings about the face and its crop: doubtful, small, cut short, stretched. */
import type { Subject } from '../../../../../protocol/subject';
import { subjectOf } from '../../../../../protocol/subject';
import type { BoxReport, Report, WarningReport } from '../../../../../protocol/report';
import type { Rule } from './rule';
import { number, rule, warn } from './rule';

/** Below this the crop is enlarged so much that it has little detail. */
const SMALL_FACE = 96;

/** For a picture that is used whole: a visible change of its aspect ratio. */
const VISIBLE_STRETCH = 1.05;

/** Boxes that may not be faces: the one that was analyzed, or others. */
function doubtfulFace(faces: Report['detection']['faces']): WarningReport | null {
  const doubted = faces.filter(({ doubt }) => doubt !== undefined);
  const [first] = faces;
  if (first === undefined || doubted.length === 0) return null;
  const [x0, y0, x1, y1] = first.box.map(Math.round) as unknown as BoxReport;
  const where = `The box that was analyzed (${x1 - x0}x${y1 - y0} px at ${x0},${y0})`;
  if (first.doubt === 'beyond-anchors')
    return warn(
      'doubtful-face',
      `${where} is larger than the detector's anchors can measure, so it may not fit the face. Check it in the overlay.`,
    );
  if (first.doubt !== undefined)
    return warn(
      'doubtful-face',
      `${where} may not be a face: RetinaFace found it, BlazeFace sees none there. Check it in the overlay.`,
    );
  return warn(
    'doubtful-face',
    `${doubted.length} of the ${faces.length} boxes found may not be faces: BlazeFace sees none there, or the detector's anchors ` +
      'cannot measure them. The one that was analyzed is not among them.',
  );
}

const subjectIn = ({ detection, preprocess }: Pick<Report, 'detection' | 'preprocess'>): Subject =>
  subjectOf(detection.detector, preprocess.wavelet !== null);

export const faceRules: readonly Rule[] = [
  rule(['detection'], ({ detection: { faces } }) => {
    const sure = faces.filter(({ doubt }) => doubt === undefined);
    return sure.length > 1
      ? warn('several-faces', `${sure.length} faces were found; the largest was analyzed.`)
      : null;
  }),

  rule(['detection'], ({ detection: { faces } }) => doubtfulFace(faces)),

  rule(['detection'], ({ detection: { faces } }) =>
    faces[0]?.landmarksEstimated === true
      ? warn(
          'estimated-landmarks',
          'The mouth corners were estimated from the mouth center; the mask is approximate.',
        )
      : null,
  ),

  rule(['detection', 'preprocess'], (facts) =>
    facts.detection.faces[0]?.landmarks === null &&
    facts.detection.detector !== 'none' &&
    subjectIn(facts) === 'face'
      ? warn('no-landmarks', 'No landmarks are known for a box given by hand, so there is no mask.')
      : null,
  ),

  rule(['detection', 'preprocess', 'scale'], ({ detection, preprocess, scale }) => {
    const { detector, faces } = detection;
    const [x0, y0, x1, y1] = faces[0]?.box ?? [0, 0, SMALL_FACE, SMALL_FACE];
    const side = Math.min(x1 - x0, y1 - y0);
    const enlarged = Math.max(scale.x, scale.y);
    return side < SMALL_FACE && detector !== 'none'
      ? warn(
          'small-face',
          `The ${subjectIn({ detection, preprocess })} is ${number(x1 - x0)}x${number(y1 - y0)} px (WxH), under ${SMALL_FACE} px: ` +
            (enlarged > 1 ? `it was enlarged ${number(enlarged)} times.` : 'it has little detail.'),
        )
      : null;
  }),

  rule(['detection', 'preprocess', 'scale'], ({ detection, preprocess, scale }) => {
    const { crop } = detection;
    const [x0, y0, x1, y1] = crop.box;
    const [width, height] = [x1 - x0, y1 - y0];
    return crop.clamped
      ? warn(
          'crop-clamped',
          `The image border cut the crop short, to ${width}x${height} px (WxH)` +
            `${scale.x === scale.y ? '' : `: the ${subjectIn({ detection, preprocess })} is stretched to fill the square`}.`,
        )
      : null;
  }),

  rule(['detection', 'scale'], ({ detection: { crop }, scale }) => {
    const [x0, y0, x1, y1] = crop.box;
    const [width, height] = [x1 - x0, y1 - y0];
    const stretch = scale.x / scale.y;
    return crop.mode === 'whole' && Math.max(stretch, 1 / stretch) > VISIBLE_STRETCH
      ? warn(
          'stretched',
          `The whole picture of ${width}x${height} px (WxH) was stretched to ${crop.size}x${crop.height ?? crop.size}: ` +
            'its shapes are distorted.',
        )
      : null;
  }),
];

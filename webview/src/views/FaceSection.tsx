/** Step B: what was cut out of the image, its mask, and what the detector said about it. */
import type { DetectionReport, FaceDoubt } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { pictureAddress, usePanel } from '../context';
import { percent } from '../text/numbers';
import { subjectOf } from '../text/subject';
import { detectorTitles } from '../text/words';
import { Pending } from './Pending';
import { Facts, Section, type Fact } from './Section';

export function FaceSection({ report: { detection } }: { readonly report: PartialReport }) {
  return (
    <Section letter="B" title={subjectOf(detection).title}>
      {detection ? <Face detection={detection} /> : <Pending class="picture-frame" />}
    </Section>
  );
}

function Face({ detection }: { readonly detection: DetectionReport }) {
  const { state } = usePanel();
  const { pictures, crop } = detection;
  return (
    <>
      <div class={pictures.mask === null ? 'picture-frame' : 'picture-frame picture-pair'}>
        <figure>
          <img
            class="picture"
            src={pictureAddress(state, pictures.crop)}
            width={crop.size}
            height={crop.height ?? crop.size}
            alt={subjectOf(detection).picture}
          />
          <figcaption>{`Crop, ${crop.size} × ${crop.height ?? crop.size}`}</figcaption>
        </figure>
        {pictures.mask !== null && (
          <figure>
            <img
              class="picture"
              src={pictureAddress(state, pictures.mask)}
              width={crop.size}
              height={crop.height ?? crop.size}
              alt="Mask: the convex hull of the landmarks"
            />
            <figcaption>Mask</figcaption>
          </figure>
        )}
      </div>
      <Facts facts={facts(detection)} />
      <p class="muted small">{detection.description}</p>
    </>
  );
}

const landmarkNames = ['left eye', 'right eye', 'nose', 'left mouth corner', 'right mouth corner'];

const doubts: Readonly<Record<FaceDoubt, string>> = {
  unseen: 'BlazeFace sees no face there',
  'beyond-anchors': 'too large for the detector’s anchors',
};

function facts({ detector, faces, crop }: DetectionReport): Fact[] {
  const face = faces[0];
  const list: Fact[] = [['Detector', detectorTitles[detector]]];
  if (face && detector !== 'none') {
    if (face.score !== null) list.push(['Score', percent(face.score)]);
    if (face.doubt !== undefined) list.push(['In doubt', doubts[face.doubt]]);
    list.push([
      'Box',
      face.box.map((v) => +v.toFixed(1)).join(', '),
      'x0, y0, x1, y1 in pixels of the image',
    ]);
    if (face.landmarks) {
      const points = face.landmarks.map(
        ([x, y], i) => `${landmarkNames[i] ?? ''} (${x.toFixed(0)}, ${y.toFixed(0)})`,
      );
      list.push([
        'Landmarks',
        face.landmarksEstimated ? 'partly estimated' : `${points.length} detected`,
        points.join('\n'),
      ]);
    }
  }
  list.push([
    'Crop',
    `${crop.box.join(', ')}${crop.clamped ? ', cut short by the border' : ''}`,
    'x0, y0, x1, y1 in whole pixels of the image',
  ]);
  return list;
}

/** What was cut out of the image, its mask, and what the detector said about it. */
import type { DetectionReport, FaceDoubt, RelativePath } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { pictureAddress, stepAddress, usePanel } from '../context';
import { pngAt } from '../picture/saved';
import { percent } from '../text/numbers';
import { subjectOf } from '../text/subject';
import { detectorTitles } from '../text/words';
import { Pending } from './Pending';
import { PictureMenu } from './PictureMenu';
import { Facts, Section, type Fact } from './Section';
import { t } from '../l10n';

export function FaceSection({ report: { detection } }: { readonly report: PartialReport }) {
  return (
    <Section id="face-section" title={subjectOf(detection).title}>
      {detection ? <Face detection={detection} /> : <Pending class="picture-frame" />}
    </Section>
  );
}

function Face({ detection }: { readonly detection: DetectionReport }) {
  const { pictures, crop } = detection;
  return (
    <>
      <div class={pictures.mask === null ? 'picture-frame' : 'picture-frame picture-pair'}>
        <figure>
          <FolderPicture path={pictures.crop} label={subjectOf(detection).picture} file="crop" crop={crop} />
          <figcaption>{t('Crop, {0} × {1}', crop.size, crop.height ?? crop.size)}</figcaption>
        </figure>
        {pictures.mask !== null && (
          <figure>
            <FolderPicture
              path={pictures.mask}
              label={t('Mask: the convex hull of the landmarks')}
              file="mask"
              crop={crop}
            />
            <figcaption>{t('Mask')}</figcaption>
          </figure>
        )}
      </div>
      <Facts facts={facts(detection)} />
      <p class="muted small">{detection.description}</p>
    </>
  );
}

interface FolderPictureProps {
  readonly path: RelativePath;
  readonly label: string;
  readonly file: string;
  readonly crop: DetectionReport['crop'];
}

function FolderPicture({ path, label, file, crop }: FolderPictureProps) {
  const { state } = usePanel();
  const { size: width, height = width } = crop;
  return (
    <PictureMenu {...{ label, file, png: () => pngAt(pictureAddress(state, path)) }}>
      <img class="picture" src={stepAddress(state, path)} {...{ width, height }} alt={label} />
    </PictureMenu>
  );
}

const landmarkNames = [
  t('left eye'),
  t('right eye'),
  t('nose'),
  t('left mouth corner'),
  t('right mouth corner'),
];

const doubts: Readonly<Record<FaceDoubt, string>> = {
  unseen: t('BlazeFace sees no face there'),
  'beyond-anchors': t('too large for the detector’s anchors'),
};

function facts({ detector, faces, crop }: DetectionReport): Fact[] {
  const face = faces[0];
  const list: Fact[] = [[t('Detector'), detectorTitles[detector]]];
  if (face && detector !== 'none') {
    if (face.score !== null) list.push([t('Score'), percent(face.score)]);
    if (face.doubt !== undefined) list.push([t('In doubt'), doubts[face.doubt]]);
    list.push([
      t('Box'),
      face.box.map((v) => +v.toFixed(1)).join(', '),
      t('x0, y0, x1, y1 in pixels of the image'),
    ]);
    if (face.landmarks) {
      const points = face.landmarks.map(
        ([x, y], i) => `${landmarkNames[i] ?? ''} (${x.toFixed(0)}, ${y.toFixed(0)})`,
      );
      list.push([
        t('Landmarks'),
        face.landmarksEstimated ? t('partly estimated') : t('{0} detected', points.length),
        points.join('\n'),
      ]);
    }
  }
  list.push([
    t('Crop'),
    crop.clamped ? t('{0}, cut short by the border', crop.box.join(', ')) : crop.box.join(', '),
    t('x0, y0, x1, y1 in whole pixels of the image'),
  ]);
  return list;
}

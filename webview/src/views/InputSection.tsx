/** The image as it was read, with the detector's box and landmarks drawn over it on request. */
import type { PartialReport } from '../../../protocol/requests';
import type { FaceReport, Report } from '../../../protocol/report';
import { pictureAddress, stepAddress, usePanel } from '../context';
import { pngAt } from '../picture/saved';
import { bytes, percent } from '../text/numbers';
import { facesTable, tableText } from '../text/tables';
import { colorTitle, formatTitle } from '../text/words';
import { Checkbox } from '../toolkit';
import { Pending } from './Pending';
import { PictureMenu } from './PictureMenu';
import { Facts, Section, type Fact } from './Section';
import { t } from '../l10n';

export function InputSection({ report }: { readonly report: PartialReport }) {
  const { input, detection } = report;
  return (
    <Section id="input-section" title={t('Input')}>
      {input ? (
        <>
          <Picture input={input} detection={detection} />
          <Toggles detection={detection} />
          <Facts facts={inputFacts(input)} />
        </>
      ) : (
        <Pending class="picture-frame" />
      )}
    </Section>
  );
}

function inputFacts(input: Report['input']): Fact[] {
  const facts: Fact[] = [
    [
      t('Size'),
      `${input.width} × ${input.height}`,
      t('Width × height in pixels, after the EXIF orientation'),
    ],
    [
      t('File'),
      t(
        '{0}, {1}-bit {2}, {3}',
        formatTitle(input.format),
        input.bitDepth,
        colorTitle(input.colorSpace),
        bytes(input.bytes),
      ),
    ],
  ];
  if (input.edited)
    facts.push([
      t('Edited'),
      t('by hand, {0} of the pixels', percent(input.edited.pixels / (input.width * input.height))),
    ]);
  if (input.exifOrientation !== 1)
    facts.push([t('EXIF orientation'), t('{0}, applied', input.exifOrientation)]);
  if (input.hadAlpha) facts.push([t('Alpha'), t('dropped')]);
  if (input.frames > 1) facts.push([t('Frames'), t('{0}, the first was read', input.frames)]);
  return facts;
}

function Picture({
  input,
  detection,
}: {
  readonly input: Report['input'];
  readonly detection: Report['detection'] | undefined;
}) {
  const { state, view, send } = usePanel();
  const { width, height } = input;
  const picture = input.edited?.picture ?? input.pictures.original;
  const label = input.edited ? t('The input image, edited by hand') : t('The input image');
  // Where nobody looked for a face, its box is the picture's edge.
  const looked = detection !== undefined && detection.detector !== 'none';
  const faces = looked ? detection.faces : [];
  const copyFaces = () => send({ type: 'copy', text: tableText(facesTable(faces), 'csv', true) });
  const more = faces.length === 0 ? [] : [{ title: t('Copy Faces as CSV'), run: copyFaces }];
  return (
    <div class="picture-frame">
      <PictureMenu {...{ label, file: 'input', png: () => pngAt(pictureAddress(state, picture)), more }}>
        {/* The drawing follows the picture's own size, so both scale together. */}
        <div class="picture-stack">
          <img class="picture" src={stepAddress(state, picture)} width={width} height={height} alt={label} />
          {looked && (
            <svg class="drawing" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
              {view.showCrop && <Rectangle box={detection.crop.box} kind="crop" />}
              {faces.map((face, i) => (
                <Face key={i} face={face} first={i === 0} imageWidth={width} />
              ))}
            </svg>
          )}
        </div>
      </PictureMenu>
    </div>
  );
}

interface FaceProps {
  readonly face: FaceReport;
  readonly first: boolean;
  /** In pixels, so that dots on a small face can still be seen. */
  readonly imageWidth: number;
}

function Face({ face, first, imageWidth }: FaceProps) {
  const { view } = usePanel();
  const radius = Math.max((face.box[2] - face.box[0]) / 35, imageWidth / 160);
  return (
    <g>
      {view.showBoxes && <Rectangle box={face.box} kind={first ? 'face' : 'other'} />}
      {view.showLandmarks &&
        face.landmarks?.map(([x, y], i) => (
          <circle
            key={i}
            class={face.landmarksEstimated ? 'dot dot-estimated' : 'dot'}
            cx={x}
            cy={y}
            r={radius}
          />
        ))}
    </g>
  );
}

function Rectangle({
  box: [x0, y0, x1, y1],
  kind,
}: {
  readonly box: readonly [number, number, number, number];
  readonly kind: 'face' | 'other' | 'crop';
}) {
  return <rect class={`box box-${kind}`} x={x0} y={y0} width={x1 - x0} height={y1 - y0} />;
}

function Toggles({ detection }: { readonly detection: Report['detection'] | undefined }) {
  const { view, choose } = usePanel();
  const count = detection?.faces.length ?? 0;
  if (detection?.detector === 'none') return null;
  const disabled = detection === undefined; // there is nothing to draw yet
  return (
    <div class="toggles" role="group" aria-label={t('Drawn over the image')}>
      <Checkbox checked={view.showBoxes} disabled={disabled} onChange={(showBoxes) => choose({ showBoxes })}>
        {count > 1 ? t('Boxes ({0})', count) : t('Box')}
      </Checkbox>
      <Checkbox
        checked={view.showLandmarks}
        disabled={disabled}
        onChange={(showLandmarks) => choose({ showLandmarks })}
      >
        {t('Landmarks')}
      </Checkbox>
      <Checkbox checked={view.showCrop} disabled={disabled} onChange={(showCrop) => choose({ showCrop })}>
        {t('Crop')}
      </Checkbox>
    </div>
  );
}

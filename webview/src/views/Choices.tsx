/** How the picture was prepared and read, in a line under the switches: each part is a button that lets the reader choose another. */
import type { PanelCommand } from '../../../protocol/panel';
import type { DetectionReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { CROP_MODES, titlesOf } from '../../../protocol/vocabulary';
import { usePanel } from '../context';
import { translated, t } from '../l10n';
import { whole } from '../text/numbers';
import { detectorTitles } from '../text/words';

interface Choice {
  readonly command: PanelCommand;
  readonly text: string;
}

export function Choices({ report }: { readonly report: PartialReport }) {
  const { state, send } = usePanel();
  const choices = choicesOf(report);
  if (choices.length === 0) return null;
  return (
    <div class="choices" role="group" aria-label={t('How the picture is prepared and read')}>
      {choices.map(({ command, text }) => (
        <button
          key={command}
          class="chip"
          title={t('Choose another')}
          disabled={state.running}
          onClick={() => send({ type: 'run', command })}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** As far as they are known; how a face is cut out only where one was looked for. */
function choicesOf({ lens, detection, model }: PartialReport): readonly Choice[] {
  const looked = detection !== undefined && detection.detector !== 'none';
  const crop = lens?.values.find(({ key }) => key === 'detector.crop')?.value;
  return [
    ...(lens === undefined
      ? []
      : [
          {
            command: 'selectLens',
            text: lens.name === null ? t('Lens: derived') : t('Lens: {0}', lens.name),
          } as const,
        ]),
    ...(detection === undefined
      ? []
      : [{ command: 'selectDetector', text: faceText(detection.detector) } as const]),
    ...(looked && typeof crop === 'string'
      ? [{ command: 'selectCrop', text: t('Crop: {0}', cropTitle(crop)) } as const]
      : []),
    ...(model === undefined
      ? []
      : [{ command: 'selectLabels', text: t('Labels: {0}', whole(model.labels.length)) } as const]),
  ];
}

function faceText(detector: DetectionReport['detector']): string {
  if (detector === 'none') return t('Whole image');
  return detector === 'box' ? t('Box by hand') : t('Face: {0}', detectorTitles[detector]);
}

/** A report may come from a program to come. */
const cropTitle = (id: string): string =>
  translated(Object.entries(titlesOf(CROP_MODES)).find(([known]) => known === id)?.[1] ?? id);

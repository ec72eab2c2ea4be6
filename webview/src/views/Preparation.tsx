/** Input and preprocessing: a strip of small pictures that opens to the steps and the flight recorder. */
import type { PartialReport } from '../../../protocol/requests';
import type { ReportSection } from './Section';
import { stepAddress, usePanel } from '../context';
import { decimals } from '../text/numbers';
import { subjectOf } from '../text/subject';
import { Button } from '../toolkit';
import { FaceSection } from './FaceSection';
import { canEdit } from './Editing';
import { InputSection } from './InputSection';
import { ChevronIcon } from './icons';
import { StepStrip } from './StepStrip';
import { WaveletSection } from './WaveletSection';
import { t } from '../l10n';

export function Preparation({ report }: { readonly report: PartialReport }) {
  const { state, view, choose } = usePanel();
  const open = view.preparation;
  return (
    <section class="preparation" aria-label={t('Input and preprocessing')}>
      <div class="preparation-row">
        <button
          class="preparation-strip"
          aria-expanded={open}
          aria-controls="preparation"
          onClick={() => choose({ preparation: !open })}
        >
          <span class="preparation-open">
            <span class={open ? 'chevron chevron-open' : 'chevron'}>
              <ChevronIcon />
            </span>
            <span class="preparation-title">{t('Input and preprocessing')}</span>
          </span>
          {!open && <Stations report={report} />}
        </button>
        {/* In its place from the start, so that nothing moves when the report comes. */}
        {!view.editing && (
          <Button disabled={!canEdit(state)} onClick={() => choose({ editing: true })}>
            {t('Edit input')}
          </Button>
        )}
      </div>
      <div id="preparation" class="preparation-body" hidden={!open}>
        {open && (
          <>
            <div class="first-steps">
              <InputSection report={report} />
              <FaceSection report={report} />
              <WaveletSection report={report} />
            </div>
            <StepStrip report={report} />
          </>
        )}
      </div>
    </section>
  );
}

export const preparationSection: ReportSection = { place: 10, View: Preparation };

/** From the file to the tensor. */
function Stations({ report: { input, detection, preprocess } }: { readonly report: PartialReport }) {
  const { state } = usePanel();
  const at = (path: string) => stepAddress(state, path);
  const { crop } = detection ?? {};
  const { tensor, wavelet, steps } = preprocess ?? {};
  return (
    <>
      <Station
        src={input ? at(input.edited?.picture ?? input.pictures.original) : null}
        alt={input?.edited ? t('The input image, edited by hand') : t('The input image')}
        title={input?.edited ? t('Edited image') : t('Image')}
        detail={input ? `${input.width} × ${input.height}` : ''}
      />
      <Station
        src={detection ? at(detection.pictures.crop) : null}
        alt={subjectOf(detection).picture}
        title={subjectOf(detection).title}
        detail={crop ? `${crop.size} × ${crop.height ?? crop.size}` : ''}
      />
      {wavelet && (
        <Station
          src={at(wavelet.pictures.processed)}
          alt={t('After the wavelet: what the network receives')}
          title={t('Wavelet')}
          detail={wavelet.wavelet}
        />
      )}
      {tensor && (
        <span class="station">
          <span class="station-text">
            <span>{t('Tensor')}</span>
            <span class="muted">{t('{0} to {1}', decimals(tensor.min), decimals(tensor.max))}</span>
          </span>
        </span>
      )}
      {steps && steps.length > 0 && (
        <span class="station station-count">
          <span class="station-text muted">
            {steps.length === 1 ? t('1 step') : t('{0} steps', steps.length)}
          </span>
        </span>
      )}
    </>
  );
}

interface StationProps {
  readonly src: string | null;
  readonly alt: string;
  readonly title: string;
  readonly detail: string;
}

function Station({ src, alt, title, detail }: StationProps) {
  const { running } = usePanel().state;
  // Of a run that ended before it.
  if (src === null && !running) return null;
  return (
    <span class="station">
      {/* Keeps its place where the picture's file is gone. */}
      <span class="station-picture">{src !== null && <img src={src} alt={alt} />}</span>
      <span class="station-text">
        <span>{title}</span>
        <span class="muted">{detail}</span>
      </span>
    </span>
  );
}

/** Two pictures on top of each other, the upper one uncovered from the left by a slider. */
import { usePanel } from '../context';
import { t } from '../l10n';

export function Wipe({
  before,
  after,
  size,
}: {
  readonly before: string;
  readonly after: string;
  readonly size: number;
}) {
  const { view, choose } = usePanel();
  const place = `${(100 * view.wipe).toFixed(1)}%`;
  return (
    <div class="picture-frame">
      <div class="wipe" style={{ '--wipe': place }}>
        <img
          class="picture"
          src={after}
          width={size}
          height={size}
          alt={t('After the wavelet: what the network receives')}
        />
        <img
          class="picture wipe-before"
          src={before}
          width={size}
          height={size}
          alt={t('Before the wavelet')}
        />
        <span class="wipe-line" />
        <span class="wipe-tag wipe-tag-left">{t('before')}</span>
        <span class="wipe-tag wipe-tag-right">{t('after')}</span>
        <input
          class="wipe-slider"
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={view.wipe}
          aria-label={t('How much of the picture before the wavelet is shown')}
          onInput={(event) => {
            choose({ wipe: event.currentTarget.valueAsNumber });
          }}
        />
      </div>
    </div>
  );
}

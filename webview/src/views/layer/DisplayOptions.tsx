/** How maps become colors: palette, before or after ReLU, interpolation, clipping, and one scale for all layers. */
import { usePanel } from '../../context';
import { paletteNames, paletteTitles } from '../../picture/palettes';
import { clips, type Display, type Locked } from '../../state/display';
import type { View } from '../../state/view';
import { Checkbox, Dropdown } from '../../toolkit';
import { t } from '../../l10n';
import { wholePercent } from '../../text/numbers';

const palettes: readonly { readonly value: View['palette']; readonly title: string }[] = [
  { value: 'report', title: t('Default') },
  ...paletteNames
    .filter((name) => name !== 'signed')
    .map((value) => ({ value, title: paletteTitles[value] })),
];

const clipTitle = (clip: number): string =>
  clip === 0 ? t('Whole range') : t('Clip {0} of the pixels', wholePercent(clip / 100));

export interface DisplayOptionsProps {
  /** The scales in view, for locking; null where there is none. */
  readonly heatmap: Locked | null;
  readonly activation: Locked | null;
}

export function DisplayOptions({ heatmap, activation }: DisplayOptionsProps) {
  const { view, choose } = usePanel();
  const { display } = view;
  const palette = view.palette === 'signed' ? 'report' : view.palette;
  const change = (part: Partial<Display>) => choose({ display: { ...display, ...part } });
  const locked = display.lockedHeatmap !== null || display.lockedActivation !== null;
  const lock = (on: boolean) =>
    change({ lockedHeatmap: on ? heatmap : null, lockedActivation: on ? activation : null });
  return (
    <details class="display-options">
      <summary>{t('Colors and scale')}</summary>
      <div class="display-fields">
        <Dropdown
          label={t('Color map')}
          value={palette}
          choices={palettes}
          disabled={display.signed}
          onChange={(chosen) => choose({ palette: chosen })}
        />
        <Dropdown
          label={t('Clipping')}
          value={String(display.clip)}
          choices={clips.map((clip) => ({ value: String(clip), title: clipTitle(clip) }))}
          onChange={(value) => change({ clip: clips.find((clip) => String(clip) === value) ?? 0 })}
        />
        <Checkbox
          checked={display.signed}
          onChange={(signed) => change({ signed, lockedHeatmap: null, lockedActivation: null })}
        >
          {t('Signed, before ReLU')}
        </Checkbox>
        <Checkbox
          checked={display.drawing === 'cells'}
          onChange={(cells) => change({ drawing: cells ? 'cells' : 'report' })}
        >
          {t('Value by value')}
        </Checkbox>
        <Checkbox checked={locked} disabled={!locked && !heatmap && !activation} onChange={lock}>
          {locked ? t('One scale for all layers') : t('Use this scale for all layers')}
        </Checkbox>
      </div>
    </details>
  );
}

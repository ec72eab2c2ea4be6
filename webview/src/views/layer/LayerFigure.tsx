/** One map of a layer, drawn as what it is: over the picture, as a number where it has one position, as bars where it has none. */
import { useMemo } from 'preact/hooks';
import type { PartialLayer } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import { outside } from '../../picture/shown';
import { kindOf } from '../../../../protocol/layer-kind';
import type { PartialHeatmap } from '../../state/rows';
import { decimals, percent, wholePercent } from '../../text/numbers';
import { methodTitles } from '../../text/words';
import { WithMenu, type MenuItem } from '../ContextMenu';
import { useExports } from '../hooks/exports';
import { ColorBar } from './ColorBar';
import type { LayerPictureProps } from './LayerPicture';
import { LayerPicture } from './LayerPicture';
import type { PictureKind, Scaled } from './useShown';
import { VectorBars } from './VectorBars';
import { t } from '../../l10n';

/** `scaled` is of a layer with places. */
interface LayerFigureProps extends Omit<LayerPictureProps, 'label'> {
  readonly layer: PartialLayer;
  readonly heatmap: PartialHeatmap | undefined;
}

export function LayerFigure(props: LayerFigureProps) {
  const { kind, layer, heatmap, map } = props;
  const shape = kindOf(layer);
  const method = heatmap ? methodTitles[heatmap.method] : t('Heatmap');
  const label =
    kind === 'heatmap' ? t('{0} heatmap of {1}', method, layer.name) : t('Activation of {0}', layer.name);
  const items = useLayerExports(props, label);
  if (kind === 'heatmap' && !heatmap) return <Unexplained reason={layer.unexplained} />;
  if (shape === 'map') return <MapFigure {...props} {...{ label, method, items }} />;
  return (
    <WithMenu class="no-places" label={label} items={items}>
      <h4>{kind === 'heatmap' ? t('{0}: activation times gradient', method) : t('Activation')}</h4>
      {!map ? (
        <p class="muted">{t('Loading the raw maps')}</p>
      ) : shape === 'vector' ? (
        <VectorBars values={map.data} label={label} />
      ) : (
        <p class="one-value">{decimals(map.data[0] ?? Number.NaN)}</p>
      )}
      <p class="muted small">
        {shape === 'vector'
          ? t('This layer has no height and width, so it cannot be shown over the picture.')
          : kind === 'activation'
            ? t(
                'This layer has one position, so it cannot say where. The number is the mean of its channels.',
              )
            : t('This layer has one position, so it cannot say where. The number is before ReLU.')}
      </p>
    </WithMenu>
  );
}

/** The picture as it is seen, the values as they lie in the report. */
function useLayerExports(
  { kind, layer, heatmap, map, scaled, width, height }: LayerFigureProps,
  label: string,
) {
  const { view, crop } = usePanel();
  const opacity = kind === 'heatmap' ? view.heatmapOpacity : view.activationOpacity;
  const method = kind === 'heatmap' ? (heatmap?.method ?? null) : null;
  return useExports({
    name: `${layer.name}_${method ?? 'activation'}`,
    map,
    picture:
      scaled && kindOf(layer) === 'map' ? { ...scaled, width, height, crop, opacity, title: label } : null,
    python: { subject: kind, layer: layer.name, method, channel: null },
  });
}

function Unexplained({ reason }: { readonly reason: string | undefined }) {
  return (
    <div class="no-places">
      <h4>{t('No heatmap')}</h4>
      <p>{reason ?? t('This report holds no heatmap of this layer.')}</p>
    </div>
  );
}

function MapFigure({
  label,
  method,
  items,
  ...props
}: LayerFigureProps & {
  readonly label: string;
  readonly method: string;
  readonly items: readonly MenuItem[];
}) {
  const { kind, map, scaled, width, height } = props;
  const aspect = width > 0 && height > 0 ? String(width / height) : '1';
  return (
    <figure class="layer-figure" style={{ '--aspect': aspect }}>
      <WithMenu class="picture-and-scale" label={label} items={items}>
        <LayerPicture {...props} label={label} />
        {scaled?.shown ? (
          <ColorBar
            palette={scaled.palette}
            low={scaled.shown.low}
            high={scaled.shown.high}
            what={kind === 'heatmap' ? method : t('Activation')}
          />
        ) : (
          <span class="color-bar" />
        )}
      </WithMenu>
      <Opacity kind={kind} disabled={!map} />
      {scaled && <Remarks scaled={scaled} kind={kind} />}
    </figure>
  );
}

function Opacity({ kind, disabled }: { readonly kind: PictureKind; readonly disabled: boolean }) {
  const { view, choose } = usePanel();
  const opacity = kind === 'heatmap' ? view.heatmapOpacity : view.activationOpacity;
  return (
    <label class="opacity">
      <span>{kind === 'heatmap' ? t('Heatmap') : t('Activation')}</span>
      <input
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={opacity}
        disabled={disabled}
        aria-label={kind === 'heatmap' ? t('Opacity of the heatmap') : t('Opacity of the activation')}
        onInput={(event) => {
          const value = event.currentTarget.valueAsNumber;
          choose(kind === 'heatmap' ? { heatmapOpacity: value } : { activationOpacity: value });
        }}
      />
      <output>{wholePercent(opacity)}</output>
    </label>
  );
}

/** What the colors leave out, and that they are another layer's; nothing where they are this layer's whole range. */
function Remarks({
  scaled: { shown, lockedTo },
  kind,
}: {
  readonly scaled: Scaled;
  readonly kind: PictureKind;
}) {
  const { clip } = usePanel().view.display;
  // On its own whole scale nothing lies beyond the ends.
  const isWhole = lockedTo === null && clip === 0;
  const share = useMemo(() => (shown && !isWhole ? outside(shown) : 0), [shown, isWhole]);
  if (!shown)
    return (
      <p class="muted small">
        {kind === 'heatmap'
          ? t('Nothing is colored: the map is the same everywhere, or holds values that are not numbers.')
          : t(
              'Nothing is colored: the activation is the same everywhere, or holds values that are not numbers.',
            )}
      </p>
    );
  if (lockedTo === null && share === 0) return null;
  const words = [
    ...(lockedTo === null ? [] : [t('The scale is that of {0}.', lockedTo)]),
    ...(share === 0 ? [] : [t('{0} of the picture lies beyond its ends.', percent(share))]),
  ];
  return <p class="muted small">{words.join(' ')}</p>;
}

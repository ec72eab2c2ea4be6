/** One layer up close: its pictures large, what they say, the value under the cursor, its statistics, its channels. */
import { useMemo, useState } from 'preact/hooks';
import type { PartialLayer, PartialReport } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import type { FloatMap } from '../../picture/floatMap';
import type { Cursor, LayerMaps } from '../../picture/inspection';
import { unzoomed, zoomAt, type Zoom } from '../../picture/zoom';
import type { Locked } from '../../state/display';
import { kindOf } from '../../../../protocol/layer-kind';
import { isDrawn, type PartialHeatmap, type Row } from '../../state/rows';
import { modes, type Mode } from '../../state/view';
import { TELLING_SENTENCE, classSentence, valueSentence } from '../../text/caption';
import { shape } from '../../text/numbers';
import { methodTitles } from '../../text/words';
import { mapTable, type Table } from '../../text/tables';
import { Button, RadioGroup } from '../../toolkit';
import { CopyMenu } from '../CopyMenu';
import { useSlice } from '../hooks/maps';
import { MinusIcon, NextIcon, PlusIcon, PreviousIcon, WholeIcon } from '../icons';
import { Health } from '../LayerRow';
import { Channels } from './Channels';
import { DisplayOptions } from './DisplayOptions';
import { LayerFigure } from './LayerFigure';
import { LayerStatistics } from './LayerStatistics';
import { Readout } from './Readout';
import { useShown, type Scaled } from './useShown';
import { t } from '../../l10n';

export interface InspectorProps {
  readonly row: Row;
  readonly report: PartialReport;
  /** Nobody chose this layer: the caption says why it is shown. */
  readonly byItself: boolean;
  readonly playing: boolean;
  readonly onStep: (by: number) => boolean;
}

export function Inspector({ row, report, byItself, playing, onStep }: InspectorProps) {
  const { layer } = row;
  const { send } = usePanel();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === '[') onStep(-1);
    else if (event.key === ']') onStep(1);
    else return;
    event.preventDefault();
  };
  return (
    <section class="inspector" aria-label={t('Layer {0}', layer.name)} onKeyDown={onKeyDown}>
      <div class="inspector-head">
        <h3 class="layer-name">{layer.name}</h3>
        <span class="muted">{shape(layer.shape)}</span>
        <Health marks={layer.health} drawn={isDrawn(layer)} />
        <a
          href="#source"
          title={
            layer.source ?? t('Looks in the Python files of the workspace for the module of this layer.')
          }
          onClick={(event) => {
            event.preventDefault();
            send({ type: 'goToSource', layer: layer.name });
          }}
        >
          {t('Go to source')}
        </a>
        <span class="spacer" />
        <span class="step-buttons">
          <Button appearance="icon" label={t('Previous layer ([)')} onClick={() => onStep(-1)}>
            <PreviousIcon />
          </Button>
          <Button appearance="icon" label={t('Next layer (])')} onClick={() => onStep(1)}>
            <NextIcon />
          </Button>
        </span>
      </div>
      <Pictures row={row} report={report} byItself={byItself} />
      <LayerStatistics layer={layer} heatmap={row.heatmap} />
      <Channels layer={layer} playing={playing} />
    </section>
  );
}

function Pictures({ row, report, byItself }: Pick<InspectorProps, 'row' | 'report' | 'byItself'>) {
  const { layer, heatmap } = row;
  const { view } = usePanel();
  const [zoom, setZoom] = useState<Zoom>(unzoomed);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [pin, setPin] = useState<Cursor | null>(null);
  const drawn = isDrawn(layer);
  const maps = useMaps(layer, heatmap);
  const places = kindOf(layer) === 'map';
  const crop = report.detection?.crop;
  const size = { width: crop?.size ?? 0, height: crop?.height ?? crop?.size ?? 0 };
  const shared = {
    ...{ layer, heatmap, zoom, setZoom, cursor, setCursor, pin, setPin, ...size },
  };
  const heatmapShown = view.mode !== 'activation';
  const activationShown = view.mode !== 'heatmap';
  const cam = useShown('heatmap', places && heatmapShown ? (maps?.cam ?? null) : null, size);
  const mean = useShown('activation', places && activationShown ? (maps?.activation ?? null) : null, size);
  const scale = (scaled: Scaled | null): Locked | null =>
    scaled?.shown ? { low: scaled.shown.low, high: scaled.shown.high, layer: layer.name } : null;
  return (
    <>
      <Controls zoom={places ? zoom : null} setZoom={setZoom} />
      <div class={view.mode === 'both' ? 'inspector-pictures inspector-pair' : 'inspector-pictures'}>
        {heatmapShown && (
          <LayerFigure
            {...shared}
            kind="heatmap"
            map={maps?.cam ?? null}
            scaled={cam}
            picture={drawn && heatmap ? heatmap.picture : null}
          />
        )}
        {activationShown && (
          <LayerFigure
            {...shared}
            kind="activation"
            map={maps?.activation ?? null}
            scaled={mean}
            picture={drawn ? layer.activation.picture : null}
          />
        )}
      </div>
      <p class="caption">
        {[
          ...(heatmapShown && heatmap ? [classSentence(report, methodTitles[heatmap.method])] : []),
          ...(places && heatmapShown && heatmap ? [valueSentence('heatmap', view.display)] : []),
          ...(places && activationShown ? [valueSentence('activation', view.display)] : []),
          ...(byItself && places ? [TELLING_SENTENCE] : []),
        ].join(' ')}
      </p>
      {places && <Readout cursor={cursor} pin={pin} maps={maps} {...size} />}
      {places && <DisplayOptions heatmap={scale(cam)} activation={scale(mean)} />}
      <CopyValues maps={maps} heatmap={heatmap} />
    </>
  );
}

/** The raw maps, as they lie in the report's file. */
function CopyValues({ maps, heatmap }: { readonly maps: LayerMaps | null } & Pick<Row, 'heatmap'>) {
  const cam = { what: t('Heatmap before ReLU'), table: tableOf(maps?.cam), headed: false };
  const activation = { what: t('Activation'), table: tableOf(maps?.activation), headed: false };
  return <CopyMenu title={t('Copy values')} items={heatmap ? [cam, activation] : [activation]} />;
}

const tableOf = (map: FloatMap | null | undefined): (() => Table) | null =>
  map ? () => mapTable(map) : null;

function useMaps(layer: PartialLayer, heatmap: PartialHeatmap | undefined): LayerMaps | null {
  const activation = useSlice(layer.activation.map);
  const cam = useSlice(heatmap?.map);
  return useMemo(() => (activation || cam ? { activation, cam } : null), [activation, cam]);
}

const modeTitles: Readonly<Record<Mode, string>> = {
  heatmap: t('Heatmap'),
  activation: t('Activation'),
  both: t('Both'),
};

interface ControlsProps {
  /** Null where nothing can be zoomed. */
  readonly zoom: Zoom | null;
  readonly setZoom: (zoom: Zoom) => void;
}

function Controls({ zoom, setZoom }: ControlsProps) {
  const { view, choose } = usePanel();
  const choices = modes.map((value) => ({ value, title: modeTitles[value] }));
  return (
    <div class="inspector-controls">
      <RadioGroup
        label={t('What is shown')}
        value={view.mode}
        choices={choices}
        onChange={(mode) => choose({ mode })}
      />
      <span class="spacer" />
      {zoom && (
        <div class="zoom" role="group" aria-label={t('Zoom')}>
          <Button
            appearance="icon"
            label={t('Zoom out (-)')}
            disabled={zoom.scale <= 1}
            onClick={() => setZoom(zoomAt(zoom, 1 / 1.5, 0.5, 0.5))}
          >
            <MinusIcon />
          </Button>
          <Button
            appearance="icon"
            label={t('Zoom in (+)')}
            onClick={() => setZoom(zoomAt(zoom, 1.5, 0.5, 0.5))}
          >
            <PlusIcon />
          </Button>
          <Button
            appearance="icon"
            label={t('Whole picture (0)')}
            disabled={zoom.scale === 1}
            onClick={() => setZoom(unzoomed)}
          >
            <WholeIcon />
          </Button>
        </div>
      )}
    </div>
  );
}

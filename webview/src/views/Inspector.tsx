/** One layer up close: its pictures large, the value under the cursor, its statistics, its channels. */
import { useMemo, useState } from 'preact/hooks';
import type { PartialLayer, PartialReport } from '../../../protocol/requests';
import { usePanel } from '../context';
import { isDrawn, type PartialHeatmap, type Row } from '../state/rows';
import { modes, type Mode, type View } from '../state/view';
import { paletteNames, paletteTitles } from '../picture/palettes';
import { unzoomed, zoomAt, type Zoom } from '../picture/zoom';
import { cutMap, squareOf, type FloatMap } from '../picture/floatMap';
import type { Cursor, LayerMaps } from '../picture/inspection';
import { shape } from '../text/numbers';
import { methodTitles } from '../text/words';
import { Button, Dropdown, RadioGroup } from '../toolkit';
import { Channels } from './Channels';
import { Health } from './LayerRow';
import { LayerPicture, type LayerPictureProps } from './LayerPicture';
import { LayerStatistics } from './LayerStatistics';
import { Readout } from './Readout';
import { CloseIcon, MinusIcon, NextIcon, PlusIcon, PreviousIcon, WholeIcon } from './icons';

export interface InspectorProps {
  readonly row: Row;
  readonly report: PartialReport;
  readonly playing: boolean;
  readonly onStep: (by: number) => boolean;
  /** Null where it cannot be closed. */
  readonly onClose: (() => void) | null;
}

export function Inspector({ row, report, playing, onStep, onClose }: InspectorProps) {
  const { layer, heatmap } = row;
  const [zoom, setZoom] = useState<Zoom>(unzoomed);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const drawn = isDrawn(layer);
  const maps = useMaps(layer, heatmap);
  const size = report.detection?.crop.size ?? 0;
  const shared = { zoom, setZoom, cursor, setCursor, size, crop: report.detection?.pictures.crop ?? null };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && onClose) onClose();
    else if (event.key === '[') onStep(-1);
    else if (event.key === ']') onStep(1);
    else return;
    event.preventDefault();
  };
  return (
    <section class="inspector" aria-label={`Layer ${layer.name}`} onKeyDown={onKeyDown}>
      <div class="inspector-head">
        <h3 class="layer-name">{layer.name}</h3>
        <span class="muted">{shape(layer.shape)}</span>
        <Health marks={layer.health} drawn={drawn} />
        <span class="spacer" />
        <Button appearance="icon" label="Previous layer ([)" onClick={() => onStep(-1)}>
          <PreviousIcon />
        </Button>
        <Button appearance="icon" label="Next layer (])" onClick={() => onStep(1)}>
          <NextIcon />
        </Button>
        {onClose && (
          <Button appearance="icon" label="Close the inspector (Escape)" onClick={onClose}>
            <CloseIcon />
          </Button>
        )}
      </div>
      <Controls zoom={zoom} setZoom={setZoom} />
      <Pictures row={row} maps={maps} shared={shared} />
      <Readout cursor={cursor} maps={maps} size={size} />
      <LayerStatistics layer={layer} heatmap={heatmap} />
      <Channels layer={layer} playing={playing} />
    </section>
  );
}

interface PicturesProps {
  readonly row: Row;
  readonly maps: LayerMaps | null;
  readonly shared: Omit<LayerPictureProps, 'kind' | 'map' | 'layout' | 'picture' | 'label'>;
}

/** The heatmap and the activation, or the one of them that the reader wants to see. */
function Pictures({ row, maps, shared }: PicturesProps) {
  const { layer, heatmap } = row;
  const { mode } = usePanel().view;
  const drawn = isDrawn(layer);
  return (
    <div class={mode === 'both' ? 'inspector-pictures inspector-pair' : 'inspector-pictures'}>
      {mode !== 'activation' && heatmap && (
        <LayerPicture
          {...shared}
          kind="heatmap"
          map={maps?.cam ?? null}
          layout={maps?.kind ?? 'map'}
          picture={drawn ? heatmap.picture : null}
          label={`${methodTitles[heatmap.method]} heatmap of ${layer.name}`}
        />
      )}
      {mode !== 'heatmap' && (
        <LayerPicture
          {...shared}
          kind="activation"
          map={maps?.activation ?? null}
          layout={maps?.kind ?? 'map'}
          picture={drawn ? layer.activation.picture : null}
          label={`Activation of ${layer.name}`}
        />
      )}
    </div>
  );
}

function useMaps(layer: PartialLayer, heatmap: PartialHeatmap | undefined): LayerMaps | null {
  const { maps } = usePanel().state;
  return useMemo(() => {
    if (!maps) return null;
    const kind = layer.shape.length === 2 ? 'vector' : 'map';
    const square = (map: FloatMap | null) => (map && kind === 'vector' ? squareOf(map) : map);
    return {
      activation: square(cutMap(maps, layer.activation.map)),
      cam: square(heatmap ? cutMap(maps, heatmap.map) : null),
      kind,
    };
  }, [maps, layer.name, heatmap?.method]);
}

const modeTitles: Readonly<Record<Mode, string>> = {
  heatmap: 'Heatmap',
  activation: 'Activation',
  both: 'Both',
};

const palettes: readonly { readonly value: View['palette']; readonly title: string }[] = [
  { value: 'report', title: 'Default' },
  ...paletteNames.map((value) => ({ value, title: paletteTitles[value] })),
];

function Controls({ zoom, setZoom }: { readonly zoom: Zoom; readonly setZoom: (zoom: Zoom) => void }) {
  const { view, choose } = usePanel();
  const choices = modes.map((value) => ({ value, title: modeTitles[value] }));
  return (
    <div class="inspector-controls">
      <RadioGroup
        label="What is shown"
        value={view.mode}
        choices={choices}
        onChange={(mode) => choose({ mode })}
      />
      <span class="spacer" />
      <Dropdown
        label="Color map"
        value={view.palette}
        choices={palettes}
        onChange={(palette) => choose({ palette })}
      />
      <div class="zoom" role="group" aria-label="Zoom">
        <Button
          appearance="icon"
          label="Zoom out (-)"
          disabled={zoom.scale <= 1}
          onClick={() => setZoom(zoomAt(zoom, 1 / 1.5, 0.5, 0.5))}
        >
          <MinusIcon />
        </Button>
        <Button appearance="icon" label="Zoom in (+)" onClick={() => setZoom(zoomAt(zoom, 1.5, 0.5, 0.5))}>
          <PlusIcon />
        </Button>
        <Button
          appearance="icon"
          label="Whole picture (0)"
          disabled={zoom.scale === 1}
          onClick={() => setZoom(unzoomed)}
        >
          <WholeIcon />
        </Button>
      </div>
    </div>
  );
}

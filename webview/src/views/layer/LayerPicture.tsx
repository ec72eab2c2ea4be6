/** A map in color over the picture, on a canvas: zoomed with the wheel, moved by dragging, read under the cursor. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { pictureAddress, usePanel } from '../../context';
import type { FloatMap } from '../../picture/floatMap';
import type { Cursor } from '../../picture/inspection';
import { paint, palette } from '../../picture/palettes';
import type { Zoom } from '../../picture/zoom';
import { usePointer } from './usePointer';
import type { PictureKind, Scaled } from './useShown';

export interface LayerPictureProps {
  readonly kind: PictureKind;
  /** Null until the raw maps are here: the report's own picture stands in. */
  readonly map: FloatMap | null;
  readonly scaled: Scaled | null;
  /** Null until it is drawn. */
  readonly picture: string | null;
  /** The picture under the colors. */
  readonly crop: string | null;
  /** Of the picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly zoom: Zoom;
  readonly setZoom: (zoom: Zoom) => void;
  readonly cursor: Cursor | null;
  readonly setCursor: (cursor: Cursor | null) => void;
}

export function LayerPicture(props: LayerPictureProps) {
  const { kind, map, picture, label, zoom, cursor, width, height } = props;
  const { state, view } = usePanel();
  const opacity = kind === 'heatmap' ? view.heatmapOpacity : view.activationOpacity;
  const { frame, handlers } = usePointer(props);
  const canvas = useCanvas(props, opacity);
  const transform = `translate(${100 * zoom.x}%, ${100 * zoom.y}%) scale(${zoom.scale})`;
  const sharp = zoom.scale > 3 || view.display.drawing === 'cells';
  // A picture that is not square keeps its shape.
  const shape = width > 0 && height > 0 ? { aspectRatio: `${width} / ${height}` } : {};
  // Not a plain image: it takes keys, and says with the readout what lies under the crosshair.
  return (
    <div
      ref={frame}
      class="viewport"
      style={shape}
      role="application"
      aria-roledescription="picture"
      aria-label={`${label}. Arrow keys move the crosshair, plus and minus zoom, 0 shows it whole.`}
      aria-describedby="readout"
      tabIndex={0}
      {...handlers}
    >
      <div class={sharp ? 'zoomed zoomed-far' : 'zoomed'} style={{ transform }}>
        {picture !== null && <img class="layer-still" src={pictureAddress(state, picture)} alt="" />}
        {map && <canvas ref={canvas} class="layer-canvas" width={width} height={height} />}
      </div>
      {cursor && <Crosshair cursor={cursor} zoom={zoom} />}
    </div>
  );
}

function Crosshair({ cursor, zoom }: { readonly cursor: Cursor; readonly zoom: Zoom }) {
  const left = `${100 * (zoom.x + zoom.scale * cursor.u)}%`;
  const top = `${100 * (zoom.y + zoom.scale * cursor.v)}%`;
  return <span class="crosshair" style={{ left, top }} />;
}

/** The colored map as a picture of its own, ready to be laid over the picture; null until the raw map is here. */
function useColors({ scaled, width, height }: LayerPictureProps): HTMLCanvasElement | null {
  return useMemo(() => {
    if (!scaled || width === 0 || height === 0) return null;
    const { shown, palette: name } = scaled;
    const nothing = new Float32Array(width * height).fill(name === 'signed' ? 0.5 : 0);
    const layer = document.createElement('canvas');
    layer.width = width;
    layer.height = height;
    const pixels = paint(shown?.levels.data ?? nothing, palette(name));
    layer.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
    return layer;
  }, [scaled, width, height]);
}

function useImage(address: string | null): HTMLImageElement | null {
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    if (address === null) return undefined;
    const loading = new Image();
    loading.src = address;
    let wanted = true;
    loading.decode().then(
      () => {
        if (wanted) setImage(loading);
      },
      () => {
        if (wanted) setImage(null); // the colors alone are still worth showing
      },
    );
    return () => {
      wanted = false;
    };
  }, [address]);
  return image;
}

function useCanvas(props: LayerPictureProps, opacity: number) {
  const { state } = usePanel();
  const ref = useRef<HTMLCanvasElement>(null);
  const below = useImage(props.crop === null ? null : pictureAddress(state, props.crop));
  const colors = useColors(props);
  const { width, height } = props;
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context || !colors) return;
    context.globalAlpha = 1;
    context.clearRect(0, 0, width, height);
    if (below) context.drawImage(below, 0, 0, width, height);
    context.globalAlpha = opacity;
    context.drawImage(colors, 0, 0);
  }, [below, colors, opacity, width, height]);
  return ref;
}

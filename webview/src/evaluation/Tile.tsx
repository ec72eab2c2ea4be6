/** One picture of the gallery with its heatmap, label and verdict; a click opens its report. */
import { Component, type VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { EvaluationPicture, OpenedEvaluation } from '../../../protocol/evaluation';
import type { Lookup } from './rows';
import type { Read } from './state';
import { percent } from '../text/numbers';
import { t } from '../l10n';

interface Props {
  readonly evaluation: OpenedEvaluation;
  readonly lookup: Lookup;
  readonly row: number;
  readonly layer: number | null;
  /** In CSS pixels, of the gallery. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly picture: Read | null;
  readonly heat: boolean;
  /** From 1. */
  readonly position: number;
  readonly count: number;
  /** Null where there is no picture to open. */
  readonly open: ((row: number) => void) | null;
}

/** Of hundreds of tiles, one changes when its picture comes, and few when the page scrolls. */
export class Tile extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return (Object.keys(next) as (keyof Props)[]).some((name) => next[name] !== this.props[name]);
  }

  override render(props: Props): VNode {
    return <Shown {...props} />;
  }
}

function Shown({ evaluation, lookup, row, layer, picture, heat, position, count, open, ...place }: Props) {
  const { columns, classes } = evaluation;
  const path = columns.path[row] ?? '';
  const label = columns.labels[columns.label[row] ?? -1] ?? null;
  const predicted = classes[columns.predicted[row] ?? -1] ?? null;
  const confidence = columns.confidence[row] ?? null;
  const correct = columns.correct[row];
  const error = lookup.errors.get(row) ?? null;
  const verdict =
    error ??
    (predicted === null
      ? t('no verdict')
      : `${predicted}${confidence === null ? '' : ` ${percent(confidence)}`}`);
  const border = layer === null ? null : (columns.attention[layer]?.border[row] ?? null);
  const title = [
    path,
    label === null ? t('label: none') : t('label: {0}', label),
    t('verdict: {0}', verdict),
    ...(border === null ? [] : [t('attention in the border: {0}', percent(border))]),
    ...(lookup.warnings.get(row) ?? []),
    ...(typeof picture === 'string' ? [picture] : []),
  ].join('\n');
  const marks = correct === 1 ? '✓ ' : correct === 0 ? '✗ ' : '';
  return (
    <div
      role="listitem"
      class="tile"
      style={{ left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px` }}
      aria-setsize={count}
      aria-posinset={position}
    >
      <button title={title} disabled={open === null || error !== null} onClick={() => open?.(row)}>
        <span class="frame">
          {picture !== null && typeof picture !== 'string' ? (
            <Picture picture={picture} heat={heat} />
          ) : error !== null || picture !== null ? (
            <span class="muted">{error !== null ? t('not evaluated') : t('not read')}</span>
          ) : null}
        </span>
        <span class={correct === 0 || error !== null ? 'verdict bad' : 'verdict'}>
          {marks}
          {verdict}
        </span>
        <span class="muted">{label === null ? t('no label') : t('label {0}', label)}</span>
        <span class="muted">{path.slice(path.lastIndexOf('/') + 1)}</span>
      </button>
    </div>
  );
}

function Picture({ picture, heat }: { readonly picture: EvaluationPicture; readonly heat: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    context.putImageData(painted(picture, heat), 0, 0);
  }, [picture, heat]);
  return <canvas ref={canvas} width={picture.width} height={picture.height} aria-hidden="true" />;
}

const GRID = 8;

/** The picture, and over it the coarse heatmap between the centers of its cells, as strong as its largest share. */
function painted({ width, height, pixels, grid }: EvaluationPicture, heat: boolean): ImageData {
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const image = new ImageData(width, height);
  const most = grid === null ? 0 : Math.max(...grid);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const strength =
        heat && grid !== null && most > 0
          ? between(grid, ((x + 0.5) / width) * GRID - 0.5, ((y + 0.5) / height) * GRID - 0.5) / most
          : 0;
      // One color whose opacity is the strength: what is not looked at keeps its own colors.
      const cover = 0.7 * strength;
      const color = [255, 64, 0];
      for (let c = 0; c < 3; c++)
        image.data[4 * at + c] = (bytes[3 * at + c] ?? 0) * (1 - cover) + (color[c] ?? 0) * cover;
      image.data[4 * at + 3] = 255;
    }
  }
  return image;
}

function between(grid: readonly number[], x: number, y: number): number {
  const clamp = (value: number): number => Math.min(GRID - 1, Math.max(0, value));
  const [left, top] = [Math.floor(clamp(x)), Math.floor(clamp(y))];
  const [right, bottom] = [clamp(left + 1), clamp(top + 1)];
  const [fx, fy] = [clamp(x) - left, clamp(y) - top];
  const at = (column: number, row: number): number => grid[row * GRID + column] ?? 0;
  return (
    (at(left, top) * (1 - fx) + at(right, top) * fx) * (1 - fy) +
    (at(left, bottom) * (1 - fx) + at(right, bottom) * fx) * fy
  );
}

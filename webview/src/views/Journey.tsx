/** The feature journey: one layer large, all of them as a strip of small pictures, and as a table with their numbers. */
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { PartialReport } from '../../../protocol/requests';
import { usePanel } from '../context';
import { shownColumns } from '../state/columns';
import { filtered, firstLayer, isDrawn, neighbor, rows, sorted, type Row } from '../state/rows';
import { whole } from '../text/numbers';
import { layersTable } from '../text/tables';
import { Button, Checkbox, TextField } from '../toolkit';
import { ColumnMenu } from './ColumnMenu';
import { CopyMenu } from './CopyMenu';
import { Filmstrip } from './Filmstrip';
import { useKeepInView } from './hooks/keepInView';
import { usePlay, type Play } from './hooks/play';
import { useWidth } from './hooks/width';
import { PauseIcon, PlayIcon } from './icons';
import { LayerTable, type LayerTableProps } from './LayerTable';
import { Inspector } from './layer/Inspector';
import { Pending } from './Pending';
import type { ReportSection } from './Section';
import { Steps } from './Steps';
import { t } from '../l10n';

/** From this width of the panel on, the layer stands beside the table; below it, above it. */
const WIDE = 900;
const GAP = 16;

/** Of the layer's column, in CSS pixels. */
const stageWidth = (width: number): number => Math.round(Math.min(Math.max(0.42 * width, 380), 660));

export function Journey({ report }: { readonly report: PartialReport }) {
  const { choose, state } = usePanel();
  const { running } = state;
  const select = useCallback((layer: string) => choose({ layer }), [choose]);
  const frame = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const wide = width >= WIDE;
  const { layers } = report;
  const { all, shown, wanted, taken } = useLayers(report);
  useKeepInView(stage, wide, wanted);
  const selected = all.find(({ layer }) => layer.name === wanted);
  const step = useStep(shown, wanted);
  const play = usePlay(step);
  const look = (layer: string) => {
    choose({ layer });
    if (!wide) stage.current?.scrollIntoView({ block: 'start' });
  };
  const beside = stageWidth(width);
  const room = wide ? width - beside - GAP : width;
  return (
    <section class="journey-section" aria-labelledby="journey-section">
      <div ref={frame} class="journey-head pinned">
        <h2 id="journey-section">{t('Feature journey')}</h2>
        <span class="muted small layer-count">{layers ? countOf(all) : ''}</span>
        <span class="spacer" />
        <PlayButton play={play} disabled={shown.length === 0} />
      </div>
      {layers ? (
        <Filmstrip rows={all} selected={wanted} chosen={taken} onSelect={select} />
      ) : (
        running && <Pending class="filmstrip pinned" />
      )}
      <div class={wide ? 'journey journey-wide' : 'journey'}>
        <div ref={stage} class={wide ? 'stage' : 'stage pinned'} style={wide ? { width: `${beside}px` } : {}}>
          {selected ? (
            <Inspector
              row={selected}
              {...{ report, byItself: !taken, playing: play.playing, onStep: step }}
            />
          ) : (
            <div class="stage-steps">{!layers && <Steps />}</div>
          )}
        </div>
        {layers ? (
          <LayersPart
            {...{ all, rows: shown, selected: wanted, room, wide }}
            {...{ onStep: step, onPlay: play.toggle, onLook: look }}
          />
        ) : (
          <div class="pending layers-pending" aria-hidden="true" />
        )}
      </div>
    </section>
  );
}

export const journeySection: ReportSection = { place: 20, View: Journey };

/** Moves by a number of layers in the table, and returns whether it could. */
function useStep(shown: readonly Row[], wanted: string | null): (by: number) => boolean {
  const { choose } = usePanel();
  return useCallback(
    (by) => {
      const layer = neighbor(shown, wanted, by);
      if (layer !== null) choose({ layer });
      return layer !== null && layer !== wanted;
    },
    [shown, wanted, choose],
  );
}

/** All layers, those that the table shows, and the one in view: that which says most so far, until the reader takes one. */
function useLayers({ layers }: PartialReport) {
  const { view } = usePanel();
  const { filter, markedOnly, sort } = view;
  const all = useMemo(() => rows(layers ?? [], view.method), [layers, view.method]);
  const shown = useMemo(
    () => sorted(filtered(all, filter, markedOnly), sort),
    [all, filter, markedOnly, sort],
  );
  const telling = useMemo(() => (layers ? firstLayer(layers) : null), [layers]);
  const taken = useMemo(() => all.some(({ layer }) => layer.name === view.layer), [all, view.layer]);
  return { all, shown, wanted: taken ? view.layer : telling, taken };
}

function PlayButton({ play, disabled }: { readonly play: Play; readonly disabled: boolean }) {
  return (
    <Button pressed={play.playing} disabled={disabled} onClick={play.toggle}>
      {play.playing ? <PauseIcon /> : <PlayIcon />}
      {play.playing ? t('Pause') : t('Walk through the layers')}
    </Button>
  );
}

interface LayersPartProps extends Omit<LayerTableProps, 'columns' | 'total'> {
  /** Before filtering. */
  readonly all: readonly Row[];
  readonly wide: boolean;
}

/** The table with what stands over it: filter and columns. */
function LayersPart({ all, wide, ...table }: LayersPartProps) {
  const { view, choose } = usePanel();
  const { rows: shown, room } = table;
  const columns = useMemo(() => shownColumns(view.columns, room), [view.columns, room]);
  return (
    <div class="layers-part">
      <div class={wide ? 'journey-tools' : 'journey-tools pinned'}>
        <TextField
          label={t('Filter layers by name, operator or shape')}
          placeholder={t('Filter layers')}
          value={view.filter}
          onInput={(text) => choose({ filter: text })}
        />
        <Checkbox checked={view.markedOnly} onChange={(on) => choose({ markedOnly: on })}>
          {t('Only flagged')}
        </Checkbox>
        {/* Said aloud where the reader filters. */}
        <span class="muted small" role="status">
          {shown.length === all.length ? '' : t('{0} of {1}', whole(shown.length), whole(all.length))}
        </span>
        <span class="spacer" />
        <CopyMenu
          title={t('Copy')}
          popup
          items={[{ what: t('Layers in the table'), table: () => layersTable(shown), headed: true }]}
        />
        <ColumnMenu shown={columns} />
      </div>
      <LayerTable {...table} columns={columns} total={all.length} />
    </div>
  );
}

/** While they are drawn, how many are. */
function countOf(all: readonly Row[]): string {
  const drawn = all.filter(({ layer }) => isDrawn(layer)).length;
  if (drawn < all.length) return t('{0} of {1} drawn', whole(drawn), whole(all.length));
  return all.length === 1 ? t('1 layer') : t('{0} layers', whole(all.length));
}

/** Step D, the Feature Journey: every layer in a table, the selected one in the inspector. */
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { PartialReport } from '../../../protocol/requests';
import { usePanel } from '../context';
import { filtered, isDrawn, neighbor, rows, sorted, tellingLayer, type Row } from '../state/rows';
import { Button, Checkbox, TextField } from '../toolkit';
import { useWide } from './hooks/wide';
import { usePlay } from './hooks/play';
import { PauseIcon, PlayIcon } from './icons';
import { Inspector } from './Inspector';
import { LayerTable } from './LayerTable';
import { Section } from './Section';
import { Steps } from './Steps';

/** From this width of the panel on, the inspector stands beside the table; below it, under its row. */
const wideFrom = 900;

export function Journey({ report }: { readonly report: PartialReport }) {
  const { view, choose } = usePanel();
  const frame = useRef<HTMLDivElement>(null);
  const wide = useWide(frame, wideFrom);
  const { layers } = report;
  const all = useMemo(() => rows(layers ?? [], view.method), [layers, view.method]);
  const { filter, markedOnly, sort } = view;
  const shown = useMemo(
    () => sorted(filtered(all, filter, markedOnly), sort),
    [all, filter, markedOnly, sort],
  );
  // Beside the table there is always a layer to look at: until the reader takes one, that which says most so far.
  const telling = useMemo(() => (layers ? tellingLayer(layers) : null), [layers]);
  const wanted = all.some(({ layer }) => layer.name === view.layer) ? view.layer : wide ? telling : null;
  const selected = all.find(({ layer }) => layer.name === wanted);

  const step = useCallback(
    (by: number) => {
      const layer = neighbor(shown, wanted, by);
      if (layer !== null) choose({ layer });
      return layer !== null && layer !== wanted;
    },
    [shown, wanted, choose],
  );
  const play = usePlay(step);

  const inspector = selected && (
    <Inspector
      row={selected}
      report={report}
      playing={play.playing}
      onStep={step}
      onClose={wide ? null : () => choose({ layer: null })}
    />
  );
  return (
    <Section
      letter="D"
      title="Feature journey"
      tools={
        <div class="journey-tools">
          <TextField
            label="Filter layers by name, operator or shape"
            placeholder="Filter layers"
            value={filter}
            onInput={(text) => choose({ filter: text })}
          />
          <Checkbox checked={markedOnly} onChange={(on) => choose({ markedOnly: on })}>
            Only flagged
          </Checkbox>
          <Button
            label={play.playing ? 'Pause' : 'Walk through the layers'}
            pressed={play.playing}
            disabled={shown.length === 0}
            onClick={play.toggle}
          >
            {play.playing ? <PauseIcon /> : <PlayIcon />}
            {play.playing ? 'Pause' : 'Play'}
          </Button>
          {/* Said aloud where the reader filters, not where the layers come. */}
          <span class="muted small layer-count" aria-live={filter === '' && !markedOnly ? 'off' : 'polite'}>
            {layers ? countOf(shown.length, all) : ''}
          </span>
        </div>
      }
    >
      <div ref={frame} class={wide ? 'journey journey-wide' : 'journey'}>
        <LayerTable
          rows={shown}
          total={all.length}
          selected={wanted}
          below={wide ? null : inspector}
          instead={layers ? null : <Steps />}
          onStep={step}
          onPlay={play.toggle}
        />
        {wide && <aside class="inspector-frame">{inspector}</aside>}
      </div>
    </Section>
  );
}

/** While they are drawn, how many are. */
function countOf(shown: number, all: readonly Row[]): string {
  const drawn = all.filter(({ layer }) => isDrawn(layer)).length;
  if (drawn < all.length) return `${drawn} of ${all.length} drawn`;
  return shown === all.length ? `${all.length} layers` : `${shown} of ${all.length} layers`;
}

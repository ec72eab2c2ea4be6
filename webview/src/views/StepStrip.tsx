/** The flight recorder: every preprocessing step as a card in a row, walked with the arrow keys; the open one shows what it made. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { StepReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { STEPS, type StepId } from '../../../protocol/steps';
import { usePanel } from '../context';
import { decodeBase64 } from '../picture/floatMap';
import type { StepDrawn } from '../state/panel';
import { decimals } from '../text/numbers';
import { channelsTable } from '../text/tables';
import { ProgressRing } from './ProgressRing';
import { WithMenu } from './ContextMenu';
import { tableItems } from './hooks/exports';
import { Pending } from './Pending';
import { PictureMenu } from './PictureMenu';
import { translated, t } from '../l10n';

export function StepStrip({ report: { preprocess } }: { readonly report: PartialReport }) {
  const { state, view, choose } = usePanel();
  if (preprocess === undefined)
    return (
      <Recorder>
        <Pending class="step-strip" />
      </Recorder>
    );
  const { steps } = preprocess;
  if (steps.length === 0)
    return (
      <Recorder>
        <p class="muted">
          {t(
            'This report was written by a version that did not record them. Analyze the image again to see them.',
          )}
        </p>
      </Recorder>
    );
  const open = view.step === null ? undefined : steps[view.step];
  const walk = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    choose({ step: Math.max(0, Math.min(steps.length - 1, (view.step ?? -by) + by)) });
  };
  return (
    <Recorder>
      <div class="step-strip" role="tablist" aria-label={t('Preprocessing steps')} onKeyDown={walk}>
        {steps.map((step, index) => (
          <Card
            key={index}
            step={step}
            index={index}
            open={view.step === index}
            reachable={index === (view.step ?? 0)}
            onOpen={() => choose({ step: view.step === index ? null : index })}
          />
        ))}
      </div>
      {open !== undefined && view.step !== null && (
        <OpenStep step={open} index={view.step} ready={state.report !== null} />
      )}
    </Recorder>
  );
}

function Recorder({ children }: { readonly children: ComponentChildren }) {
  return (
    <section class="recorder">
      <h3>{t('Preprocessing steps')}</h3>
      {children}
    </section>
  );
}

interface CardProps {
  readonly step: StepReport;
  readonly index: number;
  readonly open: boolean;
  /** By the Tab key; the others by the arrow keys. */
  readonly reachable: boolean;
  readonly onOpen: () => void;
}

const cardId = (index: number): string => `step-${index}`;

function Card({ step: { config, shape, channels }, index, open, reachable, onOpen }: CardProps) {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const strip = ref.current?.parentElement;
    if (open && strip?.contains(document.activeElement)) ref.current?.focus();
  }, [open]);
  const [count = 0, height = 0, width = 0] = shape;
  return (
    <button
      ref={ref}
      id={cardId(index)}
      class={open ? 'step-card step-card-open' : 'step-card'}
      role="tab"
      aria-selected={open}
      aria-controls="step-panel"
      tabIndex={reachable ? 0 : -1}
      onClick={onOpen}
    >
      <span class="step-title">{`${index + 1}. ${titleOf(config.step)}`}</span>
      <span class="step-shape">{`${width} × ${height} × ${count}`}</span>
      <span class="step-range">{rangeOf(channels)}</span>
    </button>
  );
}

/** A report may come from a program to come, with steps that this one does not know. */
const titleOf = (step: string): string =>
  Object.hasOwn(STEPS, step) ? translated(STEPS[step as StepId].title) : step;

function rangeOf(channels: StepReport['channels']): string {
  const low = Math.min(...channels.map(({ min }) => Number(min)));
  const high = Math.max(...channels.map(({ max }) => Number(max)));
  return t('{0} to {1}', decimals(low), decimals(high));
}

interface OpenProps {
  readonly step: StepReport;
  readonly index: number;
  readonly ready: boolean;
}

function OpenStep({ step, index, ready }: OpenProps) {
  const { state, askStep } = usePanel();
  const drawn = state.steps.get(index);
  useEffect(() => {
    if (ready && drawn === undefined) askStep(index);
  }, [ready, drawn, index, askStep]);
  const { step: id, ...parameters } = step.config;
  const facts = [
    ...Object.entries(parameters).map(([label, value]) => ({
      label,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
    ...step.facts,
  ];
  return (
    <div id="step-panel" class="step-open" role="tabpanel" aria-labelledby={cardId(index)}>
      <Pictures drawn={drawn} ready={ready} title={titleOf(id)} />
      <div class="step-numbers">
        <Numbers channels={step.channels} title={titleOf(id)} />
        <dl class="step-facts">
          {facts.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}

interface NumbersProps {
  readonly channels: StepReport['channels'];
  readonly title: string;
}

function Numbers({ channels, title }: NumbersProps) {
  const { send } = usePanel();
  const items = tableItems(() => channelsTable(channels), `${title}_channels`, send);
  return (
    <WithMenu class="menu-of-table" label={title} items={items}>
      <table>
        <thead>
          <tr>
            {[t('Channel'), t('Mean'), t('Std'), t('Min'), t('Max')].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {channels.map(({ channel, mean, std, min, max }) => (
            <tr key={channel}>
              <th scope="row">{channel}</th>
              {[mean, std, min, max].map((value, i) => (
                <td key={i}>{decimals(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </WithMenu>
  );
}

interface PicturesProps {
  readonly drawn: StepDrawn | undefined;
  readonly ready: boolean;
  readonly title: string;
}

function Pictures({ drawn, ready, title }: PicturesProps) {
  if (!ready) return <p class="muted">{t('Drawn once the report is written.')}</p>;
  switch (drawn?.state) {
    case 'here':
      return (
        <div class="step-pictures">
          {drawn.pictures.map(({ name, title: of, png, width, height }) => (
            <figure key={name}>
              <PictureMenu
                label={t('After {0}: {1}', title, of)}
                file={`${title}_${name}`}
                png={() => Promise.resolve(png)}
              >
                <Picture png={png} width={width} height={height} label={t('After {0}: {1}', title, of)} />
              </PictureMenu>
              <figcaption>{of}</figcaption>
            </figure>
          ))}
        </div>
      );
    case 'failed':
      return <p role="alert">{`${drawn.failure.message} ${drawn.failure.fix ?? ''}`}</p>;
    case 'asked':
    case undefined:
      return (
        <p class="waiting" role="status">
          <ProgressRing /> {t('Drawing')}
        </p>
      );
    default:
      drawn satisfies never;
      return null;
  }
}

interface PictureProps {
  /** base64. */
  readonly png: string;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}

/** On a canvas: the page's policy takes pictures from report folders alone. */
function Picture({ png, width, height, label }: PictureProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let over = false;
    void createImageBitmap(new Blob([decodeBase64(png)], { type: 'image/png' })).then((bitmap) => {
      if (!over) ref.current?.getContext('2d')?.drawImage(bitmap, 0, 0);
      bitmap.close();
    });
    return () => {
      over = true;
    };
  }, [png]);
  return <canvas ref={ref} class="picture" width={width} height={height} role="img" aria-label={label} />;
}

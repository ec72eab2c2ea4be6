/** Histogram and strongest channels of one layer, computed when the reader asks for them. */
import { useEffect } from 'preact/hooks';
import type { LayerDetails, PartialLayer } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import type { Details } from '../../state/panel';
import { decodeMap } from '../../picture/floatMap';
import { decimals, percent } from '../../text/numbers';
import { ProgressRing } from '../ProgressRing';
import { ChannelGrid } from './ChannelGrid';
import { ChannelPicture } from './ChannelPicture';
import { Histogram } from './Histogram';
import { t } from '../../l10n';

/** Number of channels to ask for. */
const most = 8;
/** A layer that is only passed on the way to another is not worth a computation. */
const settle = 300;

export function Channels({ layer, playing }: { readonly layer: PartialLayer; readonly playing: boolean }) {
  const { state, view, choose, askDetails } = usePanel();
  const known = state.details.get(layer.name);
  const wanted = view.details && !playing && !known && state.report !== null;
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setTimeout(() => {
      askDetails(layer.name, most);
    }, settle);
    return () => {
      clearTimeout(timer);
    };
  }, [wanted, layer.name, askDetails]);
  return (
    <details
      class="channels"
      open={view.details}
      onToggle={(event) => choose({ details: event.currentTarget.open })}
    >
      <summary>{t('Histogram and channels')}</summary>
      {view.details && <Content known={known} waits={state.report === null} />}
      {view.details && known?.state === 'here' && <ChannelGrid layer={layer} />}
    </details>
  );
}

function Content({ known, waits }: { readonly known: Details | undefined; readonly waits: boolean }) {
  if (waits) return <p class="muted">{t('Computed once the report is written.')}</p>;
  switch (known?.state) {
    case 'here':
      return <Shown details={known.details} />;
    case 'failed':
      return <p role="alert">{`${known.failure.message} ${known.failure.fix ?? ''}`}</p>;
    case 'asked':
    case undefined:
      return (
        <p class="waiting" role="status">
          <ProgressRing /> {t('Computing')}
        </p>
      );
    default:
      known satisfies never;
      return null;
  }
}

function Shown({ details }: { readonly details: LayerDetails }) {
  return (
    <>
      <Histogram layer={details.layer} histogram={details.histogram} />
      {details.channels.length === 0 && <p class="muted">{t('No channel contributes to this map.')}</p>}
      <ol class="channel-list">
        {details.channels.map((channel) => (
          <li key={channel.index} class="channel">
            <ChannelPicture
              map={decodeMap(channel.map, channel.width, channel.height)}
              index={channel.index}
            />
            <span class="channel-name">{`#${channel.index}`}</span>
            <span
              class="channel-share"
              title={t("Weight {0}. Share of all channels' contributions.", decimals(channel.weight))}
            >
              {percent(channel.contribution)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

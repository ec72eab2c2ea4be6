/** All channels of a layer as small pictures, each with its weight and what the gradient says of it; a click makes one large. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LayerChannel, PartialLayer } from '../../../../protocol/requests';
import { usePanel } from '../../context';
import { decodeMap } from '../../picture/floatMap';
import { decimals, percent, whole } from '../../text/numbers';
import { Button } from '../../toolkit';
import { ProgressRing } from '../ProgressRing';
import { gradientSentence } from '../../text/gradient';
import { ChannelLarge } from './ChannelLarge';
import { ChannelPicture } from './ChannelPicture';
import { t } from '../../l10n';

export function ChannelGrid({ layer }: { readonly layer: PartialLayer }) {
  const { state, askChannels } = usePanel();
  const known = state.channels.get(layer.name);
  const [large, setLarge] = useState<number | null>(null);
  useEffect(() => setLarge(null), [layer.name]);
  if (known === undefined)
    return (
      <Button onClick={() => askChannels(layer.name, 0)}>{t('All channels, with their gradient')}</Button>
    );
  const { list, total, next, asked, failure } = known;
  const enlarged = list.find(({ index }) => index === large);
  const more = () => {
    if (!asked && next !== null) askChannels(layer.name, next);
  };
  return (
    <div class="all-channels">
      <p class="muted small" role="status">
        {total === null
          ? t('Computing activation and gradient of every channel')
          : t('{0} of {1} channels, by falling share of the Grad-CAM map', list.length, total)}
      </p>
      {enlarged && <ChannelLarge layer={layer} channel={enlarged} onClose={() => setLarge(null)} />}
      <ol class="channel-list">
        {list.map((channel) => (
          <li key={channel.index}>
            <ChannelCard
              channel={channel}
              pressed={channel.index === large}
              onClick={() => setLarge(channel.index === large ? null : channel.index)}
            />
          </li>
        ))}
      </ol>
      {failure && (
        <p role="alert">
          {`${failure.message} ${failure.fix ?? ''} `}
          <Button onClick={() => askChannels(layer.name, next ?? list.length)}>{t('Try again')}</Button>
        </p>
      )}
      {asked && (
        <p class="waiting">
          <ProgressRing /> {t('Computing')}
        </p>
      )}
      {next !== null && !asked && !failure && <More onNear={more} rest={(total ?? 0) - list.length} />}
    </div>
  );
}

/** Asks for the next page once it comes near the view; the button is for who walks with the keyboard. */
function More({ onNear, rest }: { readonly onNear: () => void; readonly rest: number }) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(onNear);
  latest.current = onNear;
  useEffect(() => {
    const element = end.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) latest.current();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={end}>
      <Button onClick={onNear}>{t('{0} more', whole(rest))}</Button>
    </div>
  );
}

interface ChannelCardProps {
  readonly channel: LayerChannel;
  readonly pressed: boolean;
  readonly onClick: () => void;
}

function ChannelCard({ channel, pressed, onClick }: ChannelCardProps) {
  const { index, weight, contribution, gradient, map, width, height } = channel;
  return (
    <button
      class="channel channel-card"
      aria-pressed={pressed}
      title={gradientSentence(channel)}
      onClick={onClick}
    >
      <ChannelPicture map={decodeMap(map, width, height)} index={index} />
      <span class="channel-name">{`#${index}`}</span>
      <span class="channel-share">{percent(contribution)}</span>
      <span class="channel-fact">{`α ${decimals(weight)}`}</span>
      <span class="channel-fact">
        {gradient ? `∇ ${t('{0} to {1}', decimals(gradient.min), decimals(gradient.max))}` : t('no gradient')}
      </span>
    </button>
  );
}

/** One channel of a layer, as large as the layer's own pictures: zoomed, read under the cursor, saved and copied likewise. */
import { useMemo, useState } from 'preact/hooks';
import { kindOf } from '../../../../protocol/layer-kind';
import type { LayerChannel, PartialLayer } from '../../../../protocol/requests';
import { cropSize, usePanel } from '../../context';
import { decodeMap } from '../../picture/floatMap';
import type { Cursor } from '../../picture/inspection';
import { unzoomed, type Zoom } from '../../picture/zoom';
import { gradientSentence } from '../../text/gradient';
import { decimals } from '../../text/numbers';
import { Button } from '../../toolkit';
import { WithMenu } from '../ContextMenu';
import { useExports } from '../hooks/exports';
import { ColorBar } from './ColorBar';
import { LayerPicture } from './LayerPicture';
import { readoutOf } from './Readout';
import { useShown } from './useShown';
import { t } from '../../l10n';

export interface ChannelLargeProps {
  readonly layer: PartialLayer;
  readonly channel: LayerChannel;
  readonly onClose: () => void;
}

export function ChannelLarge({ layer, channel, onClose }: ChannelLargeProps) {
  const { state, view, crop } = usePanel();
  const [zoom, setZoom] = useState<Zoom>(unzoomed);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [pin, setPin] = useState<Cursor | null>(null);
  const map = useMemo(() => decodeMap(channel.map, channel.width, channel.height), [channel]);
  const size = cropSize(state);
  const places = kindOf(layer) === 'map';
  const scaled = useShown('activation', places ? map : null, size);
  const what = t('Channel {0} of {1}', channel.index, layer.name);
  const items = useExports({
    name: `${layer.name}_channel_${channel.index}`,
    map,
    picture: scaled && { ...scaled, ...size, crop, opacity: view.activationOpacity, title: what },
    python: { subject: 'channel', layer: layer.name, method: null, channel: channel.index },
  });
  return (
    <figure class="channel-large" aria-label={what}>
      <figcaption>
        <strong>{what}</strong>
        <span class="spacer" />
        <Button onClick={onClose}>{t('Close')}</Button>
      </figcaption>
      <WithMenu label={what} items={items}>
        {places ? (
          <div class="picture-and-scale">
            <LayerPicture
              {...{ map, scaled, zoom, setZoom, cursor, setCursor, pin, setPin, ...size }}
              kind="activation"
              picture={null}
              label={what}
              readout="channel-readout"
            />
            {scaled?.shown && (
              <ColorBar
                palette={scaled.palette}
                low={scaled.shown.low}
                high={scaled.shown.high}
                what={what}
              />
            )}
          </div>
        ) : (
          <p class="one-value">{decimals(map?.data[0] ?? Number.NaN)}</p>
        )}
      </WithMenu>
      <p id="channel-readout" class="readout" aria-live={cursor ? 'polite' : 'off'}>
        {[pin, cursor].map((at, i) => at && map && <span key={i}>{readoutOf(map, at, i === 0)}</span>)}
      </p>
      <p class="small">{gradientSentence(channel)}</p>
    </figure>
  );
}

/** The face before and after the wavelet, the planes it is made of, and the tensor's statistics. */
import type { PreprocessReport, WaveletReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { pictureAddress, stepAddress, usePanel } from '../context';
import { pngAt } from '../picture/saved';
import { decimals } from '../text/numbers';
import { Pending } from './Pending';
import { PictureMenu } from './PictureMenu';
import { Facts, Section, type Fact } from './Section';
import { Wipe } from './Wipe';
import { t } from '../l10n';

export function WaveletSection({ report: { detection, preprocess } }: { readonly report: PartialReport }) {
  const { state } = usePanel();
  const before = detection && stepAddress(state, detection.pictures.crop);
  const wavelet = preprocess?.wavelet;
  return (
    <Section id="wavelet-section" title={preprocess && !wavelet ? t('Network input') : t('Wavelet')}>
      {before !== undefined && wavelet ? (
        <PictureMenu
          label={t('After the wavelet: what the network receives')}
          file="wavelet"
          png={() => pngAt(pictureAddress(state, wavelet.pictures.processed))}
        >
          <Wipe
            before={before}
            after={stepAddress(state, wavelet.pictures.processed)}
            size={detection?.crop.size ?? 0}
          />
        </PictureMenu>
      ) : preprocess && before !== undefined ? (
        <div class="picture-frame">
          <PictureMenu label={t("The network's input")} file="network-input" png={() => pngAt(before)}>
            <img class="picture" src={before} alt={t("The network's input")} />
          </PictureMenu>
        </div>
      ) : (
        <Pending class="picture-frame" />
      )}
      {wavelet && <Planes wavelet={wavelet} />}
      {preprocess && <Facts facts={facts(preprocess)} />}
    </Section>
  );
}

function facts({ tensor, channelOrder, wavelet }: PreprocessReport): Fact[] {
  const list: Fact[] = [
    [
      t('Tensor'),
      t('mean {0}, std {1}', decimals(tensor.mean), decimals(tensor.std)),
      t('What the network receives'),
    ],
    [t('Range'), t('{0} to {1}', decimals(tensor.min), decimals(tensor.max))],
    [t('Channel order'), channelOrder],
  ];
  if (wavelet) list.push([t('Wavelet'), t('{0}, {1}, (cA + original) / 2', wavelet.wavelet, wavelet.mode)]);
  return list;
}

/** The label is the reference's; the light that the plane was computed from is named beside it. */
function Planes({ wavelet }: { readonly wavelet: WaveletReport }) {
  const { state } = usePanel();
  return (
    <div class="planes">
      {wavelet.planes.map(({ label, plane, picture, mean, std }) => (
        <figure key={label}>
          <PictureMenu
            label={t('{0}, from the {1} plane', label, plane)}
            file={['wavelet', label].join('_')}
            png={() => pngAt(pictureAddress(state, picture))}
          >
            <img
              class="picture"
              src={stepAddress(state, picture)}
              alt={t('{0}, from the {1} plane', label, plane)}
            />
          </PictureMenu>
          <figcaption>
            <code>{label}</code> <span class="muted">{t('from {0}', plane)}</span>
            <span class="plane-numbers">{`${decimals(mean)} ±\u00a0${decimals(std)}`}</span>
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

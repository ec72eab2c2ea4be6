/** What a video says as a whole, and its strongest frames, each of which opens its report. */
import type { VideoSummary } from '../../../protocol/evaluation';
import { t } from '../l10n';
import { digits, whole } from './numbers';
import type { Send } from './state';

export function Video({ video, send }: { readonly video: VideoSummary; readonly send: Send }) {
  const { score, scored, why, aggregate, scores, frames, without, tracks, strongest } = video;
  const names = {
    sbi: t('mean over frames of the largest over faces'),
    mean: t('mean over all faces of all frames'),
  };
  const other = aggregate === 'sbi' ? 'mean' : 'sbi';
  return (
    <section aria-labelledby="video">
      <h2 id="video">{t('The video: {0}', digits(score))}</h2>
      <p>
        {t(
          'The probability of {0} ({1}), {2}; {3}: {4}.',
          scored,
          why,
          names[aggregate],
          names[other],
          digits(scores[other]),
        )}{' '}
        {t(
          'Frames: {0}. Frames without a score, which have no part in it: {1}.',
          whole(frames),
          whole(without),
        )}{' '}
        {tracks === 0 ? '' : t('Faces followed: {0}.', whole(tracks))}
      </p>
      {strongest.length > 0 && (
        <>
          <h3>{t('Strongest frames')}</h3>
          <ul class="strongest">
            {strongest.map(({ row, path, face, score: of }) => (
              <li key={row}>
                <button
                  onClick={() => {
                    send({ type: 'openReport', row });
                  }}
                >
                  {face === null
                    ? `${path}: ${digits(of)}`
                    : t('{0}, face {1}: {2}', path, String(face), digits(of))}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

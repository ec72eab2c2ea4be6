/** How the file would be fed, read and named, each value with who said it; what was guessed stands out. */
import type { Failure } from '../../../protocol/failure';
import type { LensOrigin, LensValueReport } from '../../../protocol/lens';
import { lensValueText } from '../../../protocol/lens-words';
import type { FromModelPage } from '../../../protocol/model-panel';
import type { ModelFeeding } from '../../../protocol/model-structure';
import { shapeText } from './numbers';
import { t } from '../l10n';

interface Props {
  readonly feeding: ModelFeeding | null;
  readonly failure: Failure | null;
  readonly send: (message: FromModelPage) => void;
}

const origins: Readonly<Record<LensOrigin, string>> = {
  graph: t('the graph proves it'),
  option: t('an option'),
  lens: t('the lens'),
  beside: t('the lens beside the file'),
  store: t('the lens in the store'),
  metadata: t('the file’s metadata'),
  files: t('a file beside it'),
  architecture: t('the network'),
  guess: t('a guess'),
  default: t('the default'),
};

export function Feeding({ feeding, failure, send }: Props) {
  return (
    <section aria-labelledby="lens">
      <h2 id="lens">{t('Lens: how it is fed, read and named')}</h2>
      {failure !== null && (
        <div class="problem">
          <p>{t('It cannot be analyzed as it is: {0}', failure.message)}</p>
          {failure.fix !== null && <p>{failure.fix}</p>}
        </div>
      )}
      {failure === null && feeding === null && <p role="status">{t('Loading the network…')}</p>}
      {feeding !== null && (
        <>
          <p>
            {t('The network takes {0}.', shapeText(feeding.shape))}{' '}
            {feeding.lens.name === null
              ? t('No lens file was found; values were derived.')
              : t('Lens {0}.', feeding.lens.name)}
          </p>
          {feeding.notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('Key')}</th>
                  <th scope="col">{t('Value')}</th>
                  <th scope="col">{t('Origin')}</th>
                </tr>
              </thead>
              <tbody>
                {feeding.lens.values.map((value) => (
                  <Value key={value.key} value={value} />
                ))}
              </tbody>
            </table>
          </div>
          <button onClick={() => send({ type: 'copy', text: JSON.stringify(feeding.lens, null, 2) })}>
            {t('Copy as JSON')}
          </button>
        </>
      )}
    </section>
  );
}

/** Characters of a value that are shown at once. */
const MOST = 160;

function Value({ value: { key, value, origin, detail, others } }: { readonly value: LensValueReport }) {
  const text = Array.isArray(value) ? lensValueText({ key, value }) : JSON.stringify(value);
  return (
    <tr class={origin === 'guess' ? 'guess' : ''}>
      <th scope="row">{key}</th>
      <td>
        {text.length <= MOST ? (
          <code>{text}</code>
        ) : (
          <details>
            <summary>
              <code>{text.slice(0, MOST)}…</code>
            </summary>
            <code>{JSON.stringify(value)}</code>
          </details>
        )}
      </td>
      <td>
        <strong>{origins[origin]}</strong>
        {origin === 'default' ? '' : `: ${detail}`}
        {others !== undefined && others.length > 0 && t('; it could also be {0}', others.join(', '))}
      </td>
    </tr>
  );
}

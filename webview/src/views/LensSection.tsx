/** How the network was fed, read and named: each value, who said it, and where. Folded away; guesses are warnings above. */
import type { LensReport } from '../../../protocol/lens';
import { lensValueText } from '../../../protocol/lens-words';
import type { PartialReport } from '../../../protocol/requests';
import type { ReportSection } from './Section';
import { t } from '../l10n';
import { originTitles } from '../text/words';

export function LensSection({ report: { lens } }: { readonly report: PartialReport }) {
  if (!lens) return null;
  return (
    <details class="section about">
      <summary>{lens.name === null ? t('Lens: derived') : t('Lens: {0}', lens.name)}</summary>
      <LensTable lens={lens} />
    </details>
  );
}

export const lensSection: ReportSection = { place: 40, View: LensSection };

function LensTable({ lens: { path, values } }: { readonly lens: LensReport }) {
  return (
    <>
      {path !== undefined && (
        <p class="small">
          <code>{path}</code>
        </p>
      )}
      <table class="classes small">
        <thead>
          <tr>
            <th scope="col">{t('Key')}</th>
            <th scope="col">{t('Value')}</th>
            <th scope="col">{t('From')}</th>
            <th scope="col">{t('Where, or why')}</th>
          </tr>
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value.key}>
              <th scope="row">{value.key}</th>
              <td>{lensValueText(value)}</td>
              <td>{originTitles[value.origin]}</td>
              <td>
                {value.detail}
                {value.others !== undefined && ` ${t('It could also be {0}.', value.others.join('; '))}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

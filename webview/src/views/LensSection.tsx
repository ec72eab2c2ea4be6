/** How the network was fed, read and named: each value, who said it, and where. Folded away; guesses are warnings above. */
import type { LensReport } from '../../../protocol/lens';
import { LENS_ORIGIN_TITLES, lensValueText } from '../../../protocol/lens-words';
import type { PartialReport } from '../../../protocol/requests';

export function LensSection({ report: { lens } }: { readonly report: PartialReport }) {
  if (!lens) return null;
  return (
    <details class="section about">
      <summary>{`Lens: ${lens.name ?? 'derived'}`}</summary>
      <LensTable lens={lens} />
    </details>
  );
}

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
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
            <th scope="col">Where, or why</th>
          </tr>
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value.key}>
              <th scope="row">{value.key}</th>
              <td>{lensValueText(value)}</td>
              <td>{LENS_ORIGIN_TITLES[value.origin]}</td>
              <td>
                {value.detail}
                {value.others !== undefined && ` It could also be ${value.others.join('; or ')}.`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

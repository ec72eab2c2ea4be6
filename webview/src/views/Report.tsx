/** The report itself: how the picture became the input, the layers, the classes, then how it came about. */
import type { PartialReport } from '../../../protocol/requests';
import { sections } from './sections';

export function Report({ report }: { readonly report: PartialReport }) {
  return (
    <>
      {sections.map(({ place, View }) => (
        <View key={place} report={report} />
      ))}
    </>
  );
}

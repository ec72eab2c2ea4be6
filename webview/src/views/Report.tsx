/** The report itself: how the picture became the input, the layers, the classes, then how it came about. */
import type { PartialReport } from '../../../protocol/requests';
import { About } from './About';
import { ClassifierSection } from './ClassifierSection';
import { LensSection } from './LensSection';
import { Journey } from './Journey';
import { Preparation } from './Preparation';

export function Report({ report }: { readonly report: PartialReport }) {
  return (
    <>
      <Preparation report={report} />
      <Journey report={report} />
      <ClassifierSection report={report} />
      <LensSection report={report} />
      <About />
    </>
  );
}

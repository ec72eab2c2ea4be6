/** The report itself: steps A to E in order, then how it came about. */
import type { PartialReport } from '../../../protocol/requests';
import { About } from './About';
import { ClassifierSection } from './ClassifierSection';
import { FaceSection } from './FaceSection';
import { InputSection } from './InputSection';
import { LensSection } from './LensSection';
import { Journey } from './Journey';
import { StepStrip } from './StepStrip';
import { WaveletSection } from './WaveletSection';

export function Report({ report }: { readonly report: PartialReport }) {
  return (
    <>
      <div class="first-steps">
        <InputSection report={report} />
        <FaceSection report={report} />
        <WaveletSection report={report} />
      </div>
      <StepStrip report={report} />
      <Journey report={report} />
      <ClassifierSection report={report} />
      <LensSection report={report} />
      <About />
    </>
  );
}

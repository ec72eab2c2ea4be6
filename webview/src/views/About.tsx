/** How the report came about: model, software, time of each step. Folded away until asked for. */
import type { Report } from '../../../protocol/report';
import { usePanel } from '../context';
import { bytes, count, milliseconds } from '../text/numbers';
import { deviceTitles } from '../text/words';
import { Facts, type Fact } from './Section';

export function About() {
  const { report } = usePanel().state;
  if (!report) return null;
  return (
    <details class="section about">
      <summary>About this run</summary>
      <div class="about-columns">
        <Facts facts={runFacts(report)} />
        <Facts facts={modelFacts(report)} />
        <Facts facts={report.timings.map(({ step, milliseconds: time }) => [step, milliseconds(time)])} />
      </div>
      {report.model.notes.length > 0 && (
        <ul class="small">
          {report.model.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </details>
  );
}

function runFacts({ processId, timestamp, device, detection, software, input }: Report): Fact[] {
  return [
    ['Process ID', <code>{processId}</code>],
    ['Time', timestamp.replace('T', ' ')],
    ['Image', <code>{input.path}</code>],
    ['Image SHA-256', <code class="hash">{input.sha256}</code>],
    ['Device', `${deviceTitles[device.provider]}, ${device.threads} threads, requested: ${device.requested}`],
    ...device.passedOver.map(({ provider, reason }): Fact => [
      `${deviceTitles[provider]} unavailable`,
      reason,
    ]),
    ...placementFacts(device.placement),
    ...detectorFacts(device, detection),
    [
      'Software',
      `Inference Lens ${software.inferenceLens}, onnxruntime ${software.onnxruntime}, sharp ${software.sharp}, Node ${software.node}, ${software.platform}`,
    ],
  ];
}

/** Only where the network did not run on one device alone. */
function placementFacts(placement: Report['device']['placement']): Fact[] {
  if (placement === undefined || placement.providers.length < 2) return [];
  const counts = placement.providers.map(({ provider, nodes }) => `${deviceTitles[provider]} ${nodes}`);
  const operators = placement.onCpu.map(({ operator, nodes }) => `${operator} ${nodes}`);
  return [
    ['Nodes by device', counts.join(', ')],
    ['Nodes on the CPU', `${operators.join(', ')}; ${bytes(placement.copies.bytes)} copied`],
  ];
}

/** Said where anything but the CPU ran: the detector may run elsewhere than the classifier. */
function detectorFacts(device: Report['device'], { device: ran }: Report['detection']): Fact[] {
  if (ran === undefined || (ran.provider === 'cpu' && device.provider === 'cpu')) return [];
  const nodes = placementFacts(ran.placement).map(([name, text]): Fact => [`Detector: ${name}`, text]);
  return [['Detector’s device', deviceTitles[ran.provider]], ...nodes];
}

function modelFacts({ model }: Report): Fact[] {
  return [
    ['Weights', <code>{model.path ?? model.name}</code>],
    ['SHA-256', <code class="hash">{model.sha256}</code>],
    ['Architecture', model.architecture],
    ['Parameters', count(model.parameters)],
    ['Input', model.inputShape.join(' × ')],
    ['Classes', model.labels.length <= 10 ? model.labels.join(', ') : String(model.labels.length)],
  ];
}

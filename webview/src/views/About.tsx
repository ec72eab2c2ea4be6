/** How the report came about: model, software, time of each step. Folded away until requested. */
import type { Report } from '../../../protocol/report';
import { usePanel } from '../context';
import { bytes, count, milliseconds, moment } from '../text/numbers';
import { analysisStepTitles, deviceTitles } from '../text/words';
import { Facts, type Fact, type ReportSection } from './Section';
import { t } from '../l10n';

export function About() {
  const { report } = usePanel().state;
  if (!report) return null;
  return (
    <details class="section about">
      <summary>{t('About this run')}</summary>
      <div class="about-columns">
        <Facts facts={runFacts(report)} />
        <Facts facts={modelFacts(report)} />
        <Facts
          facts={report.timings.map(({ step, milliseconds: time }) => [stepTitle(step), milliseconds(time)])}
        />
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

export const aboutSection: ReportSection = { place: 50, View: About };

/** A report may come from a program to come. */
const stepTitle = (step: string): string =>
  Object.entries(analysisStepTitles).find(([id]) => id === step)?.[1] ?? step;

const deviceText = ({ provider, threads, requested }: Report['device']): string =>
  threads === 1
    ? t('{0}, 1 thread, requested: {1}', deviceTitles[provider], requested)
    : t('{0}, {1} threads, requested: {2}', deviceTitles[provider], threads, requested);

function runFacts({ processId, timestamp, device, detection, software, input }: Report): Fact[] {
  return [
    [t('Process ID'), <code>{processId}</code>],
    [t('Time'), <time datetime={timestamp}>{moment(timestamp)}</time>],
    [t('Image'), <code>{input.path}</code>],
    [t('Image SHA-256'), <code class="hash">{input.sha256}</code>],
    [t('Device'), deviceText(device)],
    ...device.passedOver.map(({ provider, reason }): Fact => [
      t('{0} unavailable', deviceTitles[provider]),
      reason,
    ]),
    ...placementFacts(device.placement),
    ...detectorFacts(device, detection),
    [
      t('Software'),
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
    [t('Nodes by device'), counts.join(', ')],
    [t('Nodes on the CPU'), t('{0}; {1} copied', operators.join(', '), bytes(placement.copies.bytes))],
  ];
}

/** Shown where anything but the CPU ran: the detector may run elsewhere than the classifier. */
function detectorFacts(device: Report['device'], { device: ran }: Report['detection']): Fact[] {
  if (ran === undefined || (ran.provider === 'cpu' && device.provider === 'cpu')) return [];
  const nodes = placementFacts(ran.placement).map(([name, text]): Fact => [t('Detector: {0}', name), text]);
  return [[t('Detector’s device'), deviceTitles[ran.provider]], ...nodes];
}

function modelFacts({ model }: Report): Fact[] {
  return [
    [t('Weights'), <code>{model.path ?? model.name}</code>],
    ['SHA-256', <code class="hash">{model.sha256}</code>],
    [t('Architecture'), model.architecture],
    [t('Parameters'), count(model.parameters)],
    [t('Input'), model.inputShape.join(' × ')],
    [t('Classes'), model.labels.length <= 10 ? model.labels.join(', ') : String(model.labels.length)],
  ];
}

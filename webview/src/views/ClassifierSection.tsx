/** Every class with its logit and probability. */
import type { ClassifierReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { decimals, percent, real, whole } from '../text/numbers';
import { classRows, type ClassRow } from '../text/classes';
import { usePanel } from '../context';
import { classesTable } from '../text/tables';
import { Bar } from './Bar';
import { WithMenu, type MenuItem } from './ContextMenu';
import { tableItems } from './hooks/exports';
import { Pending } from './Pending';
import { Section, type ReportSection } from './Section';
import { t } from '../l10n';

/** Most classes to list: a model with a thousand has no use for a page of them. */
const most = 10;

export function ClassifierSection({ report }: { readonly report: PartialReport }) {
  const { classifier, target, model } = report;
  return (
    <Section id="classifier-section" title={t('Classifier')}>
      {classifier ? (
        <Classes classifier={classifier} target={target?.index} />
      ) : (
        <Pending class="classes-pending" />
      )}
      {model?.checkpoint && <p class="muted small">{model.checkpoint.readAs}</p>}
    </Section>
  );
}

export const classifierSection: ReportSection = { place: 30, View: ClassifierSection };

function useItems(all: readonly ClassRow[]): readonly MenuItem[] {
  const { send, state } = usePanel();
  return [
    ...tableItems(() => classesTable(all), 'classes', send),
    {
      title: t('Copy as Python'),
      disabled: state.report === null,
      run: () => send({ type: 'copyPython', subject: 'verdict', layer: null, method: null, channel: null }),
    },
  ];
}

function Classes({
  classifier,
  target,
}: {
  readonly classifier: ClassifierReport;
  readonly target: number | undefined;
}) {
  const all = classRows(classifier);
  const few = all.length <= most;
  const compared = all.some(({ floatLogit }) => floatLogit !== undefined);
  const order = ({ probability, logit }: ClassRow): number => real(probability ?? logit ?? 'NaN');
  const shown = few ? all : [...all].sort((a, b) => order(b) - order(a)).slice(0, most);
  const items = useItems(all);
  return (
    <WithMenu label={t('Classes')} items={items}>
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">{t('Class')}</th>
            <th scope="col" class="number">
              {t('Logit')}
            </th>
            {compared && (
              <th scope="col" class="number">
                {t('Float32 logit')}
              </th>
            )}
            <th scope="col" class="number">
              {t('Probability')}
            </th>
            <th scope="col" class="classes-bar">
              <span class="unseen">{t('Probability as a bar')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ label, index, logit, floatLogit, probability }) => (
            <tr key={index}>
              <th scope="row">
                {label}
                {index === classifier.predicted.index && <span class="badge">{t('predicted')}</span>}
                {index === target && <span class="badge badge-quiet">{t('heatmap target')}</span>}
              </th>
              <td class="number">{logit === null ? '' : decimals(logit)}</td>
              {compared && <td class="number">{floatLogit == null ? '' : decimals(floatLogit)}</td>}
              <td class="number">{probability === null ? '' : percent(probability)}</td>
              <td class="classes-bar">{probability !== null && <Bar share={real(probability)} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!few && (
        <p class="muted small">{t('The {0} most probable of {1} classes.', most, whole(all.length))}</p>
      )}
      {classifier.activation && <p class="muted small">{classifier.activation.description}</p>}
      {classifier.precision && <p class="muted small">{classifier.precision.description}</p>}
    </WithMenu>
  );
}

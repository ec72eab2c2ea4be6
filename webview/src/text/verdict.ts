/** A verdict in words. */
import type { ClassifierReport } from '../../../protocol/report';
import { percent } from './numbers';

/** `fake, 71.7%`; without a probability where there is none, such as `undecided`. */
export const verdictText = ({
  predicted,
  confidence,
}: Pick<ClassifierReport, 'predicted' | 'confidence'>): string =>
  confidence === null ? predicted.label : `${predicted.label}, ${percent(confidence)}`;

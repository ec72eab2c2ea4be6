/** The gradient rules this project knows, complete and frozen. */
import { RuleRegistry } from '../registry';
import { arithmeticRules } from './arithmetic';
import { convolutionRules } from './convolution';
import { elementwiseRules } from './elementwise';
import { identityRules } from './identity';
import { indexingRules } from './indexing';
import { layoutRules } from './layout';
import { linearRules } from './linear';
import { normalizationRules } from './normalization';
import { piecewiseRules } from './piecewise';
import { poolingRules } from './pooling';
import { reductionRules } from './reduction';
import { resizeRules } from './resize';
import { scatteringRules } from './scattering';
import { softmaxRules } from './softmax';
import { stopRules } from './stops';

export const standardRules = [
  ...arithmeticRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...identityRules,
  ...indexingRules,
  ...layoutRules,
  ...linearRules,
  ...normalizationRules,
  ...piecewiseRules,
  ...poolingRules,
  ...reductionRules,
  ...resizeRules,
  ...scatteringRules,
  ...softmaxRules,
  ...stopRules,
]
  .reduce((registry, rule) => registry.register(rule), new RuleRegistry())
  .freeze();

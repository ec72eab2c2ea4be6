/** Seeded, untrained weights: only for those who ask for them by name. */
import { seededClassifier } from '../../architectures/classifier';
import type { Architecture } from '../../architectures/network';
import { architectures, findArchitecture } from '../../architectures/registry';
import { SEEDED_RULE } from '../../architectures/seeded';
import { LensError } from '../../errors';
import { endsInLogits, sideOf } from './built-here';
import type { DefaultWeights, Weights } from './loadable';

/** Number of classes of demo weights without labels: ImageNet's. */
const UNNAMED_CLASSES = 1000;

/** The error where no weights were named, and none are imported under the given name. */
export function noWeights({ id, architecture, subject }: DefaultWeights, wanted: string | null): LensError {
  const network = wanted ?? architecture;
  if (network === null)
    return new LensError('usage', `${subject} has no weights of its own.`, { remedies: ['choose-weights'] });
  seededNetwork(network);
  const place = id === null ? '' : `, and no model "${id}" is in the store`;
  return new LensError(
    'usage',
    `${subject} has no weights of its own${place}: ${subject.endsWith(network) ? 'it' : network} would be untrained.`,
    {
      code: 'no-weights',
      remedies: ['import-file', 'choose-weights', 'demo-weights'],
    },
  );
}

/** @throws LensError of kind `usage` where there is no such architecture */
function seededNetwork(id: string): Architecture {
  const architecture = findArchitecture(id);
  if (architecture !== undefined) return architecture;
  throw new LensError('usage', `There is no architecture "${id}".`, {
    fix: `Choose one of: ${architectures.map((known) => known.id).join(', ')}.`,
  });
}

/** The lens's network with seeded weights: exercises everything, predicts nothing. */
export function demoWeights(defaults: DefaultWeights, wanted: string | null): Weights {
  const id = wanted ?? defaults.architecture;
  if (id === null) {
    throw new LensError('usage', `${defaults.subject} has no network of its own.`, {
      remedies: ['choose-weights'],
    });
  }
  const architecture = seededNetwork(id);
  const classes = defaults.classes ?? UNNAMED_CLASSES;
  return {
    name: 'demo',
    reference: 'demo',
    path: null,
    untrained: true,
    sha256: () => Promise.resolve(null),
    beside: () => Promise.resolve([]),
    identity: () => Promise.resolve(`${SEEDED_RULE}:${id}:${classes}`),
    change: () => Promise.resolve(null),
    stored: null,
    classes: () => Promise.resolve(classes),
    architecture: () => Promise.resolve(id),
    metadata: () => Promise.resolve(new Map()),
    load: async (asked) => {
      const inputSize = sideOf(id, asked);
      const network = await seededClassifier(architecture, {
        classes,
        ...(inputSize === null ? {} : { inputSize }),
      });
      return {
        ...network,
        ...endsInLogits(network),
        ...{ notes: [], checkpoint: null, proved: null, metadata: {}, folder: null, source: 'demo' },
      };
    },
  };
}

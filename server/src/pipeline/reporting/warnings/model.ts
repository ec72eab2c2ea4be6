/** Warnings about the weights and the lens: what was assumed, passed over or left out. */
import type { LensValueReport } from '../../../../../protocol/lens';
import type { PassedOver } from '../../../lens/sources/files';
import { leftAside, renamedHead, severalStateDicts, unknownNames } from '../../../architectures/reading';
import type { Rule } from './rule';
import { rule, warn } from './rule';

/** What was assumed, why, and what else it could be. */
const guessOf = ({ key, detail, others = [] }: LensValueReport): string =>
  `${key === 'preprocess' ? 'How pictures are prepared' : key} was assumed: ${detail}. ` +
  `It could also be ${others.join('; or ')}. A lens can state it (--lens, or the setting “Inference Lens: Lens”).`;

function notRead(files: readonly PassedOver[]): string {
  const untrusted = files.filter(({ why }) => why === null).map(({ file }) => file);
  const refused = files.filter(({ why }) => why !== null);
  const sentences = refused.map(
    ({ file, why }) => `${file}, beside the weights, was not read: ${why ?? ''}.`,
  );
  return untrusted.length === 0
    ? sentences.join(' ')
    : [
        `The workspace is not trusted, so what lies beside the weights was not read: ${untrusted.join(', ')}.`,
        ...sentences,
      ].join(' ');
}

export const modelRules: readonly Rule[] = [
  rule(['borrowed'], ({ borrowed }) => (borrowed === null ? null : warn('pipeline-borrowed', borrowed))),

  rule(['lens'], ({ lens }) => {
    const guessed = (lens?.values ?? []).filter(({ origin }) => origin === 'guess');
    return guessed.length === 0 ? null : warn('lens-guessed', guessed.map(guessOf).join(' '));
  }),

  rule(['passedOver'], ({ passedOver }) =>
    passedOver.length === 0 ? null : warn('not-trusted', notRead(passedOver)),
  ),

  rule(['model'], ({ model }) =>
    model.notes.length > 0
      ? warn(
          model.architecture === 'onnx' ? 'read-from-graph' : 'architecture-assumed',
          model.notes.join(' '),
        )
      : null,
  ),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : severalStateDicts(checkpoint);
    return note === null ? null : warn('several-state-dicts', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : renamedHead(checkpoint);
    return note === null ? null : warn('renamed-head', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : leftAside(checkpoint);
    return note === null ? null : warn('left-aside', note);
  }),

  rule(['model'], ({ model: { checkpoint } }) => {
    const note = checkpoint === undefined ? null : unknownNames(checkpoint);
    return note === null ? null : warn('unknown-names', note);
  }),

  rule(['model'], ({ model: { layerSelection } }) =>
    layerSelection === undefined
      ? null
      : warn(
          'layers-left-out',
          `The network has ${layerSelection.found} layers. ${layerSelection.shown} of them are shown, evenly spread from the first to the last.`,
        ),
  ),
];

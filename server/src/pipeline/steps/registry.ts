/** Every kind of step, by its id. Adding one: its parameters in protocol/steps.ts, its folder here, its line below. */
import type { StepId } from '../../../../protocol/steps';
import { channels } from './channels';
import { crop } from './crop';
import { jpeg } from './jpeg';
import { normalize } from './normalize';
import { pad } from './pad';
import { rescale } from './rescale';
import { resize } from './resize';
import type { StepKind } from './step';
import { wavelet } from './wavelet';

export const STEP_KINDS: { readonly [Id in StepId]: StepKind<Id> } = Object.freeze({
  resize,
  crop,
  pad,
  jpeg,
  channels,
  rescale,
  normalize,
  wavelet,
});

/** Every network that a checkpoint may turn out to be, classifiers first. */
import type { Recogniser } from './registry';
import { classifierRecognisers } from './registry';

export const recognisers: readonly Recogniser[] = Object.freeze([...classifierRecognisers]);

/** What was requested, by option, setting or request. */
import type { ActivationChoice, CamMethod, CropMode, DetectorChoice } from '../../../../protocol/vocabulary';
import type { LensSource } from '../values';

/** Of the options of an analysis, those that a lens has too; null is the lens's own, and so is `auto`. */
export interface LensOptions {
  readonly target: string | null;
  readonly activation: ActivationChoice | null;
  readonly detector: DetectorChoice | null;
  readonly crop: CropMode | null;
  readonly methods: readonly CamMethod[] | null;
  /** Patterns. */
  readonly layers: readonly string[] | null;
}

export function fromOptions({
  target,
  activation,
  detector,
  crop,
  methods,
  layers,
}: LensOptions): LensSource {
  const detail = 'as requested';
  return {
    ...{ origin: 'option', lens: null, subject: 'The request' },
    values: {
      ...(target === null ? {} : { target: { value: target, detail } }),
      ...(activation === null ? {} : { 'output.activation': { value: activation, detail } }),
      ...(detector === null || detector === 'auto' ? {} : { 'detector.use': { value: detector, detail } }),
      ...(crop === null ? {} : { 'detector.crop': { value: crop, detail } }),
      ...(layers === null ? {} : { layers: { value: layers, detail } }),
      ...(methods === null ? {} : { methods: { value: methods, detail } }),
    },
  };
}

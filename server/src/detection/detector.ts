/** What every face detector is to the pipeline. */
import type { DetectorId } from '../../../protocol/vocabulary';
import type { RgbImage } from '../imaging/image';
import type { NodePlacement } from '../runtime/node-placement';
import type { Provider, Session } from '../runtime/session';
import type { Face } from './face';

export interface Detector {
  readonly id: DetectorId;
  /** One sentence for the report: which network, which thresholds. */
  describe(): string;
  /** All faces, largest first; empty when there is none. @throws LensError 'cancelled' between steps. */
  detect(image: RgbImage, signal?: AbortSignal): Promise<readonly Face[]>;
  /** Where its network runs, known once it has run; absent where there is no network. */
  ranOn?(): Promise<RanOn>;
  dispose(): Promise<void>;
}

export interface RanOn {
  readonly provider: Provider;
  /** Null where only the CPU could run it. */
  readonly placement: NodePlacement | null;
}

export const ranOn = async (session: Session): Promise<RanOn> => ({
  provider: session.provider,
  placement: await session.nodePlacement(),
});

/** Makes a session of an encoded ONNX model, on the device that the caller has chosen. */
export type OpenSession = (model: Uint8Array) => Promise<Session>;

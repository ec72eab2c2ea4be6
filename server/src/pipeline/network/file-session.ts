/** Runs a quantized or 16-bit file as it is: the verdict is the file's own, the maps are those of its float equivalent. */
import { LensError } from '../../errors';
import type { PrecisionResult } from '../../explain/decode';
import { roundToHalf } from '../../onnx/half';
import { encodeModel } from '../../onnx/write';
import { createSession } from '../../runtime/onnxruntime';
import type { Session, Tensor } from '../../runtime/session';
import type { Activation } from './activation';
import { classify } from './classify';
import type { FileForm } from './onnx/as-file';
import type { Network } from './weights';

export interface FileOutputs {
  readonly logits: Float32Array;
  /** The file's own probabilities; null where it computes none. */
  readonly probabilities: Float32Array | null;
  /** Null where the logits are not numbers. */
  readonly predicted: number | null;
}

/** Which of the file's tensors are read, and what is computed from them. */
export interface FileQuestion {
  readonly precision: PrecisionResult['kind'];
  readonly image: string;
  readonly logits: string;
  readonly activation: Activation;
  readonly threshold: number;
}

export class FileSession {
  private session: Promise<Session> | null = null;
  private half: FileForm['half'] = { picture: false, scores: false };

  constructor(
    private readonly question: FileQuestion,
    private readonly load: () => Promise<Network>,
  ) {}

  /** @returns a sentence on why not where the runtime has no kernels for the file's own operators */
  async run(image: Tensor): Promise<FileOutputs | string> {
    const { image: input, logits, activation, threshold } = this.question;
    try {
      this.session ??= this.open();
      const session = await this.session;
      const results = await session.run({ [input]: this.half.picture ? rounded(image) : image });
      const given = activation.probabilities;
      const values = floats(results[logits], this.half.scores && given === null);
      if (values === null) return 'its outputs are not numbers';
      const own = given === null ? null : floats(results[given.tensor], this.half.scores);
      const { predicted } = classify({ logits: values, probabilities: own }, activation, threshold);
      return { logits: values, probabilities: own, predicted };
    } catch (thrown) {
      this.session = null;
      if (thrown instanceof LensError && thrown.kind === 'model') return thrown.message;
      throw thrown;
    }
  }

  async dispose(): Promise<void> {
    const session = await this.session?.catch(() => null);
    this.session = null;
    await session?.dispose();
  }

  /** @throws LensError of kind `model` where the runtime does not accept it */
  private async open(): Promise<Session> {
    const { source, file } = await this.load();
    const model = file?.model ?? null;
    if (file != null) this.half = file.half;
    if (model === null) throw new LensError('model', 'what it computes last is not a tensor of the file');
    return createSession(encodeModel(model), { provider: 'cpu', source });
  }
}

const rounded = (image: Tensor): Tensor =>
  image.type === 'float32' ? { ...image, data: image.data.map(roundToHalf) } : image;

/** @param half whether the file's tensor is of 16-bit floats */
function floats(tensor: Tensor | undefined, half: boolean): Float32Array | null {
  if (tensor?.type !== 'float32') return null;
  return half ? tensor.data.map(roundToHalf) : tensor.data;
}

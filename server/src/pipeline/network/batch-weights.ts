/** The weights of a batch: resolved once, so that every image goes through the same network. */
import type { Weights } from './weights';

export class BatchWeights {
  private found: Promise<Weights> | null = null;

  /** What `find` gave the first image of the batch. @throws what `find` threw then */
  resolve(find: () => Promise<Weights>): Promise<Weights> {
    return (this.found ??= find());
  }

  /** A sentence for the end of the batch if the file has changed; else null. Never throws. */
  async change(): Promise<string | null> {
    const weights = await this.found?.catch(() => null);
    const change = await weights?.change();
    if (weights === null || weights === undefined || change === null || change === undefined) return null;
    const sha256 = (await weights.sha256()) ?? '';
    return `${weights.path ?? weights.name} ${change}; every report is of the weights that the batch began with (sha256 ${sha256.slice(0, 16)}...).`;
  }
}

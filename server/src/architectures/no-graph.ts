/** A graph that keeps nothing and computes no constants, for walks that only collect parameters: a checkpoint may be compared with every network. */
import { GraphBuilder } from '../onnx/builder';

export class NoGraph extends GraphBuilder {
  override unique(wanted: string): string {
    return wanted;
  }

  override free(hint: string): string {
    return hint;
  }

  override input(name: string): string {
    return name;
  }

  override initializer(name: string): string {
    return name;
  }

  override constant(hint: string): string {
    return hint;
  }

  override node(opType: string, _inputs: unknown, _attributes?: unknown, output?: string): string {
    return output ?? opType;
  }

  override nodeWithOutputs(
    _opType: string,
    _inputs: unknown,
    _attributes: unknown,
    outputs: readonly string[],
  ): readonly string[] {
    return outputs;
  }

  override append(): void {}

  override output(): void {}

  override graph(): never {
    throw new Error('A walk without weights builds no graph.');
  }
}

/** One output of a graph for many results, one after the other: WebGPU waits for the device at each output. */
import type { Emitter } from '../../autodiff/emitter';
import type { Stretch } from '../layer';

export class OneOutput {
  private readonly parts: string[] = [];
  private readonly name: string;
  private end = 0;

  constructor(private readonly emit: Emitter) {
    this.name = emit.builder.free('lens/results');
  }

  /** @param sizes elements of each of the stretches that the tensor consists of; `samples` in each of them */
  add(emit: Emitter, tensor: string, sizes: readonly number[], samples: number): readonly Stretch[] {
    this.parts.push(emit.reshape(tensor, [-1]));
    return sizes.map((size) => {
      const from = this.end;
      this.end += size;
      return { tensor: this.name, from, each: size / samples };
    });
  }

  /** @returns the graph's output; none if there is nothing in it */
  finish(): readonly string[] {
    return this.parts.length === 0
      ? []
      : [this.emit.builder.node('Concat', this.parts, { axis: 0 }, this.name)];
  }
}

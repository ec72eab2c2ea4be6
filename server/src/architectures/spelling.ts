/** Networks that one library computes as another does, under names of its own: they are walked as the other's and spelled as its own. */
import type { Feature, StoredAs, Vector } from './layers';
import { NetworkBuilder } from './layers';
import type { Architecture } from './network';
import type { Shape } from './state-dict';

/** How a name begins there and here; several, in order, where the file keeps in parts what is one tensor along its first axis there. */
export type Respelling = readonly [there: RegExp, here: string | readonly string[]];

export interface Spelling {
  /** The first that matches counts; what follows in the name stays. */
  readonly names: readonly Respelling[];
  /** Shape in the file of tensors that are vectors there. */
  readonly shapes?: readonly (readonly [name: RegExp, shape: (vector: Shape) => Shape])[];
  /** Tensors of the file that inference does not read, by one that the network has. */
  readonly unused?: readonly (readonly [beside: RegExp, here: string])[];
}

export type SpelledAs = Pick<Architecture, 'id' | 'anchor' | 'head' | 'config'>;

/** @param network whose layers and tensors get other names; its head is that of `as` */
export const spelled = (network: Architecture, spelling: Spelling, as: SpelledAs): Architecture => ({
  ...as,
  inputSize: network.inputSize,
  trunk: (net, image) => network.trunk(new SpellingBuilder(net, spelling), image),
});

/** Builds the same graph; only parameters and layers are named otherwise. */
class SpellingBuilder extends NetworkBuilder {
  constructor(
    private readonly net: NetworkBuilder,
    private readonly spelling: Spelling,
  ) {
    super(net.graph, null);
  }

  override report<T extends Feature | Vector>(name: string, value: T): T {
    this.net.report(this.one(name), value);
    return value;
  }

  override leaveUnused(name: string): void {
    this.net.leaveUnused(this.one(name));
  }

  override parameter(name: string, shape: Shape, stored: StoredAs = {}): string {
    const { shapes = [], unused = [] } = this.spelling;
    for (const [beside, here] of unused)
      if (beside.test(name)) this.net.leaveUnused(this.one(name.replace(beside, here)));
    const names = this.all(name);
    const [only] = names;
    if (only !== undefined && names.length === 1) {
      const inFile = shapes.find(([pattern]) => pattern.test(name))?.[1](shape) ?? shape;
      return this.net.parameter(only, inFile, { dims: shape, ...stored });
    }
    const [rows = 0, ...others] = shape;
    const parts = names.map((part) => this.net.parameter(part, [rows / names.length, ...others]));
    return this.graph.node('Concat', parts, { axis: 0 }, name);
  }

  private one(name: string): string {
    const [only = name] = this.all(name);
    return only;
  }

  private all(name: string): readonly string[] {
    for (const [there, here] of this.spelling.names) {
      if (!there.test(name)) continue;
      return [here].flat().map((text) => name.replace(there, text));
    }
    return [name];
  }
}

/** What a rule says of each input and output of its operator: that a gradient passes there, or why none does. */

/**
 * `gradient`: the rule returns (or uses) one. `discrete`: integers or booleans, which have none. `flat`: the derivative is
 * zero wherever it exists, or nothing depends on the values. `refused`: there is a gradient, but this rule has no formula for
 * it, so a graph in which it matters is an error, never a zero.
 */
export type PortKind = 'gradient' | 'discrete' | 'flat' | 'refused';

export interface Port {
  /** As in the ONNX specification. */
  readonly name: string;
  readonly kind: PortKind;
  /** Reads after "its input X depends on the image, ": for `flat` and `refused`. */
  readonly why?: string;
  /** Stands for this and all further inputs or outputs. */
  readonly variadic?: boolean;
}

export const gradient = (name: string): Port => ({ name, kind: 'gradient' });
export const gradients = (name: string): Port => ({ name, kind: 'gradient', variadic: true });
export const discrete = (name: string): Port => ({ name, kind: 'discrete' });
export const flat = (name: string, why: string): Port => ({ name, kind: 'flat', why });
export const refused = (name: string, why: string): Port => ({ name, kind: 'refused', why });

/** The port of an index. One that no port was declared for is refused: forgetting an input must never look like zero. */
export function portAt(ports: readonly Port[], index: number): Port {
  const last = ports.at(-1);
  return (
    ports[index] ??
    (last?.variadic === true ? last : refused(`number ${index}`, 'which the gradient rule does not know'))
  );
}

/** Whether what happens at this port matters to a gradient: it passes, or has to be refused. */
export const matters = ({ kind }: Port): boolean => kind === 'gradient' || kind === 'refused';

/** Gives symbolic and unknown input dimensions (batch, height, width) numbers. */
import { LensError } from '../errors';
import type { Dimension, Model, ValueInfo } from './model';

/** Shapes by input name. */
export type InputDims = Readonly<Record<string, readonly number[]>>;

/**
 * The model with every input's dimensions fixed. Inputs that `dims` omits must have fixed dimensions already.
 * Symbols that outputs share with inputs are replaced in both.
 * @throws LensError 'model' for an unknown input name, another rank, a dimension that is fixed to another number,
 * a symbol that would get two numbers, and an input left without numbers.
 */
export function bindInputShape(model: Model, dims: InputDims): Model {
  const { graph } = model;
  const names = graph.inputs.map((input) => input.name);
  for (const name of Object.keys(dims)) {
    if (!names.includes(name)) {
      throw new LensError(
        'model',
        `expected one of the inputs ${names.map(quote).join(', ')}, found ${quote(name)}.`,
        {
          fix: 'Export the model again: its inputs contradict what is known of it.',
        },
      );
    }
  }
  const symbols = new Map<string, number>();
  // An input may be named `constructor`: only own properties count.
  const given = (name: string) => (Object.hasOwn(dims, name) ? dims[name] : undefined);
  const inputs = graph.inputs.map((input) => bindOne(input, given(input.name), symbols));
  const outputs = graph.outputs.map((output) => ({
    ...output,
    dims: output.dims?.map((dim) => (typeof dim === 'string' ? (symbols.get(dim) ?? dim) : dim)) ?? null,
  }));
  return { ...model, graph: { ...graph, inputs, outputs } };
}

function bindOne(
  input: ValueInfo,
  given: readonly number[] | undefined,
  symbols: Map<string, number>,
): ValueInfo {
  const declared = input.dims;
  if (given === undefined) {
    const unknown = declared === null || declared.some((dim) => typeof dim !== 'number');
    if (unknown) throw mismatch(input, 'a shape of numbers', show(declared));
    return input;
  }
  const fits =
    given.every((dim) => Number.isSafeInteger(dim) && dim >= 0) &&
    (declared === null || declared.length === given.length) &&
    (declared ?? given).every((dim, axis) => typeof dim !== 'number' || dim === given[axis]);
  if (!fits) throw mismatch(input, `the shape ${show(declared)}`, show(given));
  declared?.forEach((dim, axis) => {
    if (typeof dim !== 'string') return;
    const size = given[axis] as number;
    const known = symbols.get(dim) ?? size;
    if (known !== size) throw mismatch(input, `${known} for "${dim}"`, String(size));
    symbols.set(dim, size);
  });
  return { ...input, dims: given };
}

function mismatch(input: ValueInfo, expected: string, found: string): LensError {
  return new LensError('model', `Input ${quote(input.name)}: expected ${expected}, found ${found}.`, {
    fix: 'Export the model again with an input of fixed shape, such as [1, 3, 224, 224].',
  });
}

const quote = (name: string): string => JSON.stringify(name);

function show(dims: readonly Dimension[] | null): string {
  return dims === null ? 'of unknown rank' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
}

/** What a parameter of a preprocessing step can be: declared once, from which types, checks, schema and hover follow. */

interface Described {
  /** One or two sentences, for hover and documentation. */
  readonly description: string;
  /** Without a default and not required, the parameter may be absent. */
  readonly required?: true;
}

export type Parameter = Described &
  (
    | { readonly kind: 'choice'; readonly values: readonly string[]; readonly default?: string }
    | { readonly kind: 'flag'; readonly default?: boolean }
    | {
        readonly kind: 'number';
        readonly min?: number;
        readonly max?: number;
        /** Whether `min` itself is refused. */
        readonly aboveMin?: true;
        readonly whole?: true;
        readonly default?: number;
      }
    /** A side of a square, or [height, width], in pixels. */
    | { readonly kind: 'size' }
    /** One number for all channels, or one for each, in their order at this step. */
    | {
        readonly kind: 'per-channel';
        readonly min?: number;
        readonly max?: number;
        readonly aboveMin?: true;
        readonly default?: number;
      }
  );

export type Parameters = Readonly<Record<string, Parameter>>;

/** The longest side that a step may ask for: a lens is an untrusted file. */
export const LONGEST_SIDE = 8192;

/** The value of a parameter as it is written. */
export type ValueOf<P> = P extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
  ? V
  : P extends { readonly kind: 'flag' }
    ? boolean
    : P extends { readonly kind: 'size' }
      ? number | readonly [height: number, width: number]
      : P extends { readonly kind: 'per-channel' }
        ? number | readonly number[]
        : number;

type Sure = { readonly required: true } | { readonly default: unknown };

type SureKeys<Ps> = { [K in keyof Ps]: Ps[K] extends Sure ? K : never }[keyof Ps];
type NeededKeys<Ps> = { [K in keyof Ps]: Ps[K] extends { readonly required: true } ? K : never }[keyof Ps];

type Flat<T> = { readonly [K in keyof T]: T[K] };

/** As written in a lens: only required parameters must be there. */
export type Written<Ps> = Flat<
  { [K in NeededKeys<Ps>]: ValueOf<Ps[K]> } & {
    [K in Exclude<keyof Ps, NeededKeys<Ps>>]?: ValueOf<Ps[K]> | undefined;
  }
>;

/** With the defaults filled in. */
export type Filled<Ps> = Flat<
  { [K in SureKeys<Ps>]: ValueOf<Ps[K]> } & {
    [K in Exclude<keyof Ps, SureKeys<Ps>>]?: ValueOf<Ps[K]> | undefined;
  }
>;

/** A part of a JSON schema (draft 7). */
export interface SchemaPart {
  readonly title?: string;
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'integer' | 'number' | 'boolean';
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: SchemaPart;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly SchemaPart[];
}

/** The JSON schema of one parameter. */
export function schemaOfParameter(parameter: Parameter): SchemaPart {
  const { description } = parameter;
  const withDefault = 'default' in parameter ? { default: parameter.default } : {};
  switch (parameter.kind) {
    case 'choice':
      return { enum: parameter.values, ...withDefault, description };
    case 'flag':
      return { type: 'boolean', ...withDefault, description };
    case 'number':
      return {
        ...{ type: parameter.whole === true ? 'integer' : 'number', ...bounds(parameter) },
        ...withDefault,
        description,
      };
    case 'size': {
      const side: SchemaPart = { type: 'integer', minimum: 1, maximum: LONGEST_SIDE };
      return { anyOf: [side, { type: 'array', items: side, minItems: 2, maxItems: 2 }], description };
    }
    case 'per-channel': {
      const number: SchemaPart = { type: 'number', ...bounds(parameter) };
      const list: SchemaPart = { type: 'array', items: number, minItems: 1, maxItems: 4 };
      return { anyOf: [number, list], ...withDefault, description };
    }
  }
}

function bounds({
  min,
  max,
  aboveMin,
}: {
  readonly min?: number;
  readonly max?: number;
  readonly aboveMin?: true;
}): SchemaPart {
  return {
    ...(min === undefined ? {} : { [aboveMin === true ? 'exclusiveMinimum' : 'minimum']: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}

/** What the parameter takes, in words: the `expected` of an error. */
export function expectedOf(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'choice':
      return `one of ${parameter.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'flag':
      return 'true or false';
    case 'number':
      return `a ${parameter.whole === true ? 'whole number' : 'number'}${range(parameter)}`;
    case 'size':
      return `a side in pixels from 1 to ${LONGEST_SIDE}, or [height, width]`;
    case 'per-channel':
      return `a number${range(parameter)}, or a list with one for each channel`;
  }
}

function range({
  min,
  max,
  aboveMin,
}: {
  readonly min?: number;
  readonly max?: number;
  readonly aboveMin?: true;
}): string {
  if (min !== undefined && max !== undefined)
    return aboveMin === true ? ` above ${min} and at most ${max}` : ` from ${min} to ${max}`;
  if (min !== undefined) return aboveMin === true ? ` above ${min}` : ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

/** Whether a value, as JSON has it, is one of the parameter's. */
export function isValueOf(parameter: Parameter, value: unknown): boolean {
  switch (parameter.kind) {
    case 'choice':
      return typeof value === 'string' && parameter.values.includes(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'number':
      return isNumberWithin(value, parameter) && (parameter.whole !== true || Number.isInteger(value));
    case 'size':
      return isSide(value) || (Array.isArray(value) && value.length === 2 && value.every(isSide));
    case 'per-channel':
      return Array.isArray(value)
        ? value.length >= 1 && value.length <= 4 && value.every((one) => isNumberWithin(one, parameter))
        : isNumberWithin(value, parameter);
  }
}

const isSide = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_SIDE;

function isNumberWithin(
  value: unknown,
  {
    min = -Infinity,
    max = Infinity,
    aboveMin,
  }: { readonly min?: number; readonly max?: number; readonly aboveMin?: true },
): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value <= max && (aboveMin === true ? value > min : value >= min);
}

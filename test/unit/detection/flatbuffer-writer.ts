/** Writes small TensorFlow Lite files, sound or not, so that each defect can be tested alone. */

/** A field of a table, by its position in the schema; null leaves it out. */
export type Field =
  | null
  | { u8: number }
  | { i32: number }
  | { bytes: Uint8Array }
  | { ints: readonly number[] }
  | { table: readonly Field[] }
  | { tables: readonly (readonly Field[])[] };

/** A FlatBuffer: the identifier, and a root table whose parts follow it in the file. */
export function writeFlatBuffer(identifier: string, root: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  const u16 = (value: number) => bytes.push(value & 255, (value >> 8) & 255);
  const u32 = (value: number) => {
    for (let shift = 0; shift < 32; shift += 8) bytes.push((value >>> shift) & 255);
  };
  const patch = (at: number, value: number) => {
    for (let i = 0; i < 4; i++) bytes[at + i] = (value >>> (8 * i)) & 255;
  };

  function table(fields: readonly Field[]): number {
    const vtable = bytes.length;
    u16(4 + 2 * fields.length);
    u16(4 + 4 * fields.length);
    fields.forEach((field, i) => u16(field === null ? 0 : 4 + 4 * i));
    const start = bytes.length;
    u32(start - vtable);
    const slots = fields.map(() => bytes.length + (u32(0), 0));
    fields.forEach((field, i) => {
      const slot = slots[i]!;
      if (field === null) return;
      if ('u8' in field) bytes[slot] = field.u8;
      else if ('i32' in field) patch(slot, field.i32);
      else patch(slot, reference(field) - slot);
    });
    return start;
  }

  function reference(field: Exclude<Field, null | { u8: number } | { i32: number }>): number {
    if ('table' in field) return table(field.table);
    const start = bytes.length;
    if ('bytes' in field) {
      u32(field.bytes.length);
      for (const byte of field.bytes) bytes.push(byte);
    } else if ('ints' in field) {
      u32(field.ints.length);
      field.ints.forEach(u32);
    } else {
      u32(field.tables.length);
      const slots = field.tables.map(() => bytes.length + (u32(0), 0));
      field.tables.forEach((fields, i) => patch(slots[i]!, table(fields) - slots[i]!));
    }
    return start;
  }

  u32(0);
  for (const letter of identifier) bytes.push(letter.charCodeAt(0));
  patch(0, table(root));
  return Uint8Array.from(bytes);
}

export interface TensorSpec {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorType in the file: 0 is float32, 1 float16, 2 int32. */
  readonly type?: number;
  readonly data?: Uint8Array;
  readonly sparse?: boolean;
}

export interface OperatorSpec {
  /** BuiltinOperator in the file. */
  readonly code: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: readonly Field[];
}

export interface ModelSpec {
  readonly identifier?: string;
  readonly version?: number;
  readonly subgraphs?: number;
  readonly tensors: readonly TensorSpec[];
  readonly operators: readonly OperatorSpec[];
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
}

const text = (value: string): Field => ({ bytes: new TextEncoder().encode(value) });

/** Each tensor has a buffer of its own; buffer 0 is the empty one. */
export function writeTflite(spec: ModelSpec): Uint8Array {
  const { tensors, operators, inputs = [0], outputs = [tensors.length - 1] } = spec;
  const subgraph: readonly Field[] = [
    {
      tables: tensors.map(({ name, dims, type = 0, data, sparse = false }, i): readonly Field[] => [
        { ints: dims },
        { u8: type },
        { i32: data === undefined ? 0 : i + 1 },
        text(name),
        null,
        null,
        sparse ? { table: [] } : null,
      ]),
    },
    { ints: inputs },
    { ints: outputs },
    {
      tables: operators.map(({ inputs, outputs, options }, i): readonly Field[] => [
        { i32: i },
        { ints: inputs },
        { ints: outputs },
        null,
        options === undefined ? null : { table: options },
      ]),
    },
  ];
  return writeFlatBuffer(spec.identifier ?? 'TFL3', [
    { i32: spec.version ?? 3 },
    { tables: operators.map(({ code }): readonly Field[] => [{ u8: code }, null, null, { i32: code }]) },
    { tables: Array.from({ length: spec.subgraphs ?? 1 }, () => subgraph) },
    null,
    {
      tables: [
        [],
        ...tensors.map(({ data }): readonly Field[] => [data === undefined ? null : { bytes: data }]),
      ],
    },
  ]);
}

export function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function intBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

/** Protobuf by hand, for files that no library would write. */

/** An unsigned varint. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

export const tag = (field: number, wire: number): number[] => varint(field * 8 + wire);

/** A field that holds a number as a varint. */
export const int = (field: number, value: number | bigint): number[] => [...tag(field, 0), ...varint(value)];

/** A field that holds bytes, text or a message made of the given fields. */
export function bytes(
  field: number,
  content: string | readonly number[],
  ...more: readonly number[][]
): number[] {
  const head = typeof content === 'string' ? [...Buffer.from(content)] : content;
  const all = [...head, ...more.flat()];
  return [...tag(field, 2), ...varint(all.length), ...all];
}

/** ModelProto around a graph made of the given fields: IR 8, opset 17. */
export const model = (...graph: readonly number[][]): Uint8Array =>
  Uint8Array.from([...int(1, 8), ...bytes(8, int(2, 17)), ...bytes(7, [], ...graph)]);

/** A float32 ValueInfoProto with the given name. */
export const valueInfo = (name: string): number[] => [...bytes(1, name), ...bytes(2, bytes(1, int(1, 1)))];

/** An initializer of a graph, from TensorProto fields. */
export const initializer = (...fields: readonly number[][]): number[] => bytes(5, [], ...fields);

/** A node of a graph. */
export const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...more: readonly number[][]
): number[] =>
  bytes(
    1,
    [],
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, opType),
    ...more,
  );

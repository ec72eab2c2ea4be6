/** The small checkpoint in two files with their index, as Hugging Face's libraries write them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallCheckpoint } from './small-checkpoint';

/** Writes `model-0000x-of-00002.safetensors` and the index into `parts`; returns their names, the index first. */
export function writeShards(scratch: string, parts: string): readonly string[] {
  mkdirSync(parts, { recursive: true });
  const { path } = smallCheckpoint(scratch, 'bare.safetensors');
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const half = Math.ceil(tensors.length / 2);
  const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const weightMap: Record<string, string> = {};
  let total = 0;
  for (const [number, file] of files.entries()) {
    const own = tensors.slice(number * half, (number + 1) * half);
    const data: Buffer[] = [];
    const described: Record<string, unknown> = {};
    let at = 0;
    for (const [
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ] of own) {
      data.push(bytes.subarray(start + from, start + to));
      described[name] = { dtype, shape, data_offsets: [at, at + to - from] };
      at += to - from;
      weightMap[name] = file;
    }
    total += at;
    const json = Buffer.from(JSON.stringify(described));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(join(parts, file), Buffer.concat([length, json, ...data]));
  }
  const index = 'model.safetensors.index.json';
  writeFileSync(
    join(parts, index),
    JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap }),
  );
  return [index, ...files];
}

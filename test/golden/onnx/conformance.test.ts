/** Twelve networks of the conformance page, by both exporters: graphs without weights, whose initializers are made from the seed. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { explainPlainly } from '../../../bench/conformance/explain-file';
import { faultsOf, measure } from '../../../bench/conformance/measure';
import type { Export, Reference } from '../../../bench/conformance/reference';
import { readReference } from '../../../bench/conformance/reference';
import { temporaryFolder } from '../../support/temp';
import type { Seeded } from './seeded-weights';
import { weightsOf } from './seeded-weights';

const folder = join(__dirname, 'conformance');
const made = temporaryFolder('conformance');
const unpacked = (file: string): Buffer => gunzipSync(readFileSync(join(folder, file)));
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json.gz') ? [file.slice(0, -'.json.gz'.length)] : []));

test('there are twelve', () => assert.equal(names.length, 12));

/** The file that the exporter wrote: its graph as committed, its weights beside it. */
function restored(name: string, exporter: string, seeded: Seeded): string {
  const own = join(made, `${name}.${exporter}`);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'weights.bin'), weightsOf(seeded, exporter));
  const path = join(own, 'model.onnx');
  writeFileSync(path, unpacked(`${name}.${exporter}.onnx.gz`));
  return path;
}

for (const name of names)
  describe(name, () => {
    const header = unpacked(`${name}.json.gz`).toString();
    const reference = readReference(header, new Uint8Array(unpacked(`${name}.bin.gz`)));
    const seeded = JSON.parse(header) as Reference & Seeded;
    for (const exporter of ['torchscript', 'dynamo'])
      test(exporter, async () => {
        const exported = reference.exports[exporter] as Export;
        const outcome = await measure(reference, exported, restored(name, exporter, seeded), explainPlainly);
        assert.deepEqual(faultsOf(reference, outcome), []);
        assert.ok(outcome.is === 'measured');
        const { layers } = outcome.measured;
        const agree = layers.filter(({ verdict }) => verdict === 'agrees');
        assert.ok(agree.length >= 4 && agree.length >= layers.length / 2, `${agree.length} of ${layers.length} can be compared`);
      });
  });

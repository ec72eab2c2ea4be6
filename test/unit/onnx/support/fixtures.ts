/** The model files under test/fixtures/onnx (test/reference/onnx/make_fixtures.py writes them). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(__dirname, '..', '..', '..', 'fixtures', 'onnx');

/** Path of a fixture; a missing one fails the test that reads it. */
export const fixture = (name: string): string => resolve(folder, name);

export const fixtureJson = (name: string): unknown => JSON.parse(readFileSync(fixture(name), 'utf8'));

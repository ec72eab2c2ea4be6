/** Raw maps that a page asks for while their run ends and its folder gets another name. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MapPlaces } from '../../../client/src/panel/mapPlaces';
import { mapsAnswer } from '../../../client/src/panel/questions';
import { cutMaps } from '../../../webview/src/picture/floatMap';
import type { Report } from '../../../protocol/report';
import { temporaryFolder } from '../../support/temp';

const slices = [
  { offset: 4, width: 1, height: 1 },
  { offset: 0, width: 1, height: 1 },
];
const report = { mapsFile: 'maps.f32', layers: [] } as unknown as Report;

test('maps of a run are found under its folder also once that has been renamed', async () => {
  const root = temporaryFolder('maps');
  const [unfinished, whole] = [join(root, '.partial'), join(root, 'whole')];
  mkdirSync(unfinished);
  writeFileSync(join(unfinished, 'maps.f32'), new Uint8Array(Float32Array.of(1, 2).buffer));
  const places = new MapPlaces();
  places.written(unfinished, 'maps.f32');
  const ask = (folder: string, end: () => Promise<unknown> | undefined) =>
    mapsAnswer({ type: 'maps', folder, slices }, places, end);
  const values = (answer: Awaited<ReturnType<typeof ask>>) =>
    answer?.type === 'maps' ? [...cutMaps(answer.bytes, answer.slices)].map(({ data }) => data[0]) : answer;
  assert.deepEqual(values(await ask(unfinished, () => undefined)), [2, 1]);

  // The engine has renamed it; that it has is not known here until the run's end.
  renameSync(unfinished, whole);
  const asked: string[] = [];
  const end = () => {
    asked.push('end');
    places.shows(whole, report);
    return Promise.resolve();
  };
  assert.deepEqual(values(await ask(unfinished, end)), [2, 1]);
  assert.deepEqual(asked, ['end']);
  assert.deepEqual(values(await ask(whole, () => undefined)), [2, 1]);

  places.begins();
  assert.equal(await ask(unfinished, () => undefined), null, 'of a run that another has replaced');
  const gone = new MapPlaces();
  gone.written(unfinished, 'maps.f32');
  const failed = await mapsAnswer({ type: 'maps', folder: unfinished, slices }, gone, () =>
    Promise.resolve(),
  );
  assert.equal(failed?.type, 'mapsFailed');
});

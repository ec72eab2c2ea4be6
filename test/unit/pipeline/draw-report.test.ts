/** A report that is drawn later has the files of one that is drawn at once, byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FinishedReport } from '../../../protocol/requests';
import type { Report } from '../../../protocol/report';
import { parseAnalyze } from '../../../server/src/cli/options';
import { writeModel } from '../../../server/src/onnx/write';
import { drawReport } from '../../../server/src/pipeline/draw-report';
import { analyze } from '../../../server/src/pipeline/run';
import { Workbench } from '../../../server/src/pipeline/workbench/workbench';
import { projectRoot } from '../../../server/src/system/paths';
import { filesBelow } from '../../support/report';
import { smallClassifier } from '../../support/small-classifier';
import { temporaryFolder } from '../../support/temp';

const folder = temporaryFolder('draw-later');
const model = join(folder, 'small.onnx');
const image = join(projectRoot(), 'test', 'fixtures', 'images', 'palette.png');
const bench = new Workbench(join(folder, 'cache'), { recalls: true });
const two = join(folder, 'two.onnx');
before(async () => {
  await writeModel(smallClassifier(), model);
  await writeModel(smallClassifier({ classes: 2 }), two);
});
after(() => bench.dispose());

async function made(pictures: 'drawn' | 'later', pipeline: string): Promise<FinishedReport> {
  const given = [
    '--pipeline',
    pipeline,
    '--weights',
    pipeline === 'fsbi' ? two : model,
    '--device',
    'cpu',
    '--method',
    'all',
  ];
  const more = ['--detector', 'none', '--output', join(folder, `${pipeline} ${pictures}`)];
  const { options } = parseAnalyze([image, ...given, ...more]);
  return analyze(image, { ...options, pictures }, bench);
}

/** Without what differs between two runs of the same analysis. */
const timeless = (report: Report) => ({
  ...report,
  processId: '',
  timestamp: '',
  timings: [],
  undrawn: false,
});
const reportIn = (place: string) => JSON.parse(readFileSync(join(place, 'report.json'), 'utf8')) as Report;
const pictures = (place: string): readonly string[] =>
  filesBelow(place).filter((name) => !['report.json', 'report.md', 'process.log'].includes(name));

for (const pipeline of ['imagenet', 'fsbi'])
  test(`nothing is drawn before it is wanted, then all of it: ${pipeline}`, async () => {
    const drawn = await made('drawn', pipeline);
    const later = await made('later', pipeline);
    assert.equal(later.report.undrawn, true);
    assert.deepEqual(timeless(later.report), timeless(drawn.report));
    const overlays = pictures(later.folder).filter((name) => name.includes('c_layers'));
    assert.equal(overlays.length, 1, 'the one of the list of reports');
    assert.ok(!filesBelow(later.folder).includes('report.md'));

    await drawReport(later.folder, bench);
    assert.deepEqual(filesBelow(later.folder), filesBelow(drawn.folder));
    for (const name of pictures(drawn.folder))
      assert.ok(readFileSync(join(later.folder, name)).equals(readFileSync(join(drawn.folder, name))), name);
    assert.equal(reportIn(later.folder).undrawn, undefined);
    const before = readFileSync(join(later.folder, 'report.json'), 'utf8');
    await drawReport(later.folder, bench);
    assert.equal(readFileSync(join(later.folder, 'report.json'), 'utf8'), before);
  });

test('one that was interrupted is drawn again; one that names files of its own is refused', async () => {
  const { folder: place } = await made('later', 'imagenet');
  const report = reportIn(place);
  const [first] = report.layers;
  assert.ok(first);
  rmSync(join(place, report.mapsFile));
  await assert.rejects(drawReport(place, bench), /maps\.bin: expected the raw maps of the report/);
  assert.equal(reportIn(place).undrawn, true);

  const other = { ...first, activation: { ...first.activation, picture: 'steps/mine.png' } };
  writeFileSync(
    join(place, 'report.json'),
    JSON.stringify({ ...report, layers: [other, ...report.layers.slice(1)] }),
  );
  await assert.rejects(drawReport(place, bench), /expected the layers' files under their own names/);
});

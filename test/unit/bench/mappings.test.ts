/** Memory by mapping: read from the text that Linux gives, and from a process that holds a known amount. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldAtPeak, holdings } from '../../../bench/mappings';

test('mappings of one file are added up, those without a name called anonymous', () => {
  const smaps = [
    '7f00-7f10 r--p 00000000 08:01 12  /usr/lib/libx.so.1',
    'Rss:                1000 kB',
    '7f10-7f20 r-xp 00001000 08:01 12  /usr/lib/libx.so.1',
    'Size:               9999 kB',
    'Rss:                2000 kB',
    '7f30-7f40 rw-p 00000000 00:00 0 ',
    'Rss:                 500 kB',
  ].join('\n');
  assert.deepEqual(holdings(smaps), [
    { name: 'libx.so.1', mb: 3.072 },
    { name: 'anonymous', mb: 0.512 },
  ]);
});

test('what a process held at most is seen, also when it is gone at the end', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('only Linux tells');
    return;
  }
  const program = 'setTimeout(() => undefined, 1000, Buffer.alloc(80e6, 1))';
  const [largest] = await heldAtPeak(process.execPath, ['-e', program], process.env);
  assert.equal(largest?.name, 'anonymous');
  assert.ok(largest.mb >= 80, `${largest.mb} MB`);
  await assert.rejects(heldAtPeak(process.execPath, ['-e', 'process.exit(3)'], process.env), /ended with 3/);
});

/** Redirects: followed a few times, to HTTP alone, and never from an encrypted address to one that is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockAgent } from 'undici';
import { RedirectRefused, get } from '../../../server/src/system/http-get';

/** What servers answer, by address: a status with its Location, else a body. */
type Site = Readonly<Record<string, readonly [status: number, location: string] | string>>;

async function fetched(site: Site, start: string): Promise<readonly [status: number, body: string]> {
  const agent = new MockAgent();
  agent.disableNetConnect();
  for (const [address, answer] of Object.entries(site)) {
    const { origin, pathname, search } = new URL(address);
    const mocked = agent.get(origin).intercept({ path: `${pathname}${search}` });
    if (typeof answer === 'string') mocked.reply(200, answer).persist();
    else mocked.reply(answer[0], 'elsewhere', { headers: { location: answer[1] } }).persist();
  }
  const { statusCode, body } = await get(start, { dispatcher: agent, silentMs: 1000 });
  return [statusCode, await body.text()];
}

const chain = (length: number): Site => ({
  ...Object.fromEntries(
    Array.from({ length }, (_, i) => [`http://a.test/${i}`, [302, `/${i + 1}`]] as const),
  ),
  [`http://a.test/${length}`]: 'end',
});

const followed: readonly (readonly [what: string, site: Site, start: string])[] = [
  ['none', { 'http://a.test/': 'end' }, 'http://a.test/'],
  ['five, relative', chain(5), 'http://a.test/0'],
  ...[301, 302, 303, 307, 308].map(
    (status) =>
      [
        `${status} to another host, with a query`,
        { 'http://a.test/': [status, 'http://b.test/x?sign=1'], 'http://b.test/x?sign=1': 'end' },
        'http://a.test/',
      ] as const,
  ),
  [
    'from plain to encrypted',
    { 'http://a.test/': [302, 'https://a.test/'], 'https://a.test/': 'end' },
    'http://a.test/',
  ],
  [
    'without a scheme, which stays encrypted',
    { 'https://a.test/': [302, '//b.test/'], 'https://b.test/': 'end' },
    'https://a.test/',
  ],
];
for (const [what, site, start] of followed)
  test(`followed: ${what}`, async () => assert.deepEqual(await fetched(site, start), [200, 'end']));

test('a status that is not a redirect is the answer, with a Location or without', async () => {
  const site: Site = { 'http://a.test/': [304, '/x'], 'http://b.test/': [404, '/x'] };
  for (const start of Object.keys(site))
    assert.deepEqual(await fetched(site, start), [site[start]?.[0], 'elsewhere']);
});

const refused: readonly (readonly [what: string, site: Site, start: string, message: string])[] = [
  ['six', chain(6), 'http://a.test/0', 'redirects more than 5 times'],
  [
    'in a circle',
    { 'http://a.test/': [302, 'http://a.test/'] },
    'http://a.test/',
    'redirects more than 5 times',
  ],
  [
    'to a plain address',
    { 'https://a.test/': [302, 'http://a.test/x?secret=1'] },
    'https://a.test/',
    'redirects to http://a.test/x, which is not encrypted',
  ],
  [
    'to a plain address by way of an encrypted one',
    { 'http://a.test/': [302, 'https://a.test/'], 'https://a.test/': [302, 'http://a.test/x'] },
    'http://a.test/',
    'redirects to http://a.test/x, which is not encrypted',
  ],
  ...['file:///etc/passwd', 'ftp://a.test/x', 'data:text/plain,x'].map(
    (location) =>
      [
        `to ${location}`,
        { 'http://a.test/': [302, location] },
        'http://a.test/',
        `redirects to a ${new URL(location).protocol} address, expected http: or https:`,
      ] as const,
  ),
  [
    'to no address',
    { 'http://a.test/': [302, 'http://['] },
    'http://a.test/',
    'redirects to something that is not an address',
  ],
];
for (const [what, site, start, message] of refused)
  test(`refused: ${what}`, () =>
    assert.rejects(fetched(site, start), (thrown: unknown) => {
      assert.ok(thrown instanceof RedirectRefused, String(thrown));
      assert.equal(thrown.message, message);
      return true;
    }));

/** The one way in which patterns are matched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesGlob } from '../../../server/src/system/glob';

test('* and ?, and everything else as itself', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['features.*', 'features.0.conv', true],
    ['features.*', 'features', false],
    ['*.conv', 'a.b.conv', true],
    ['layer?', 'layer4', true],
    ['layer?', 'layer', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['', '', true],
    ['*', '', true],
    ['**', 'x', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['(a|b)+$', '(a|b)+$', true],
    ['?', '😀', true],
  ];
  for (const [pattern, text, matches] of rows)
    assert.equal(matchesGlob(pattern, text), matches, `${pattern} ${text}`);
  assert.equal(matchesGlob('A*', 'abc'), false);
  assert.equal(matchesGlob('A*', 'abc', { ignoreCase: true }), true);
});

test('a hostile pattern takes no longer than pattern times text', () => {
  assert.equal(matchesGlob(`${'a*'.repeat(500)}b`, 'a'.repeat(2000)), false);
});

/** What must hold of a folder of reports at any moment: what has a report's name is a whole report. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../protocol/report';

/** The logits of every report in `output`, after checking that each is whole. */
export function wholeReports(output: string): readonly (readonly unknown[])[] {
  if (!existsSync(output)) return [];
  return readdirSync(output)
    .filter((name) => !name.startsWith('.'))
    .map((name) => {
      const result = join(output, name, 'result');
      const report = JSON.parse(readFileSync(join(result, 'report.json'), 'utf8')) as Report;
      assert.ok(existsSync(join(result, 'report.md')), `${result}: report.md`);
      for (const { name: layer } of report.layers)
        assert.ok(readdirSync(join(result, 'steps')).length > 0 && layer !== '', `${result}: ${layer}`);
      return report.classifier.logits;
    });
}

/** Names that only unfinished work has, in any depth of a folder. */
export function leftovers(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|\/)(\.making-[^/]*|[^/]*\.partial|partial|incoming\/[^/]+|[^/]*\.lock)$/.test(name),
  );
}

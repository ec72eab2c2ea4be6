/** Outcomes as JUnit XML and as SARIF 2.1.0, which point at the line of the expectation. */
import { relative, sep } from 'node:path';
import type { CheckOutcome, CheckReport } from '../../../../protocol/checks';
import { projectVersion } from '../../system/paths';
import { text as escaped } from '../summary/svg';

/** Attributes are in double quotes; line breaks in them would be read as spaces. */
const attribute = (value: string): string => escaped(value).replace(/[\r\n\t]/g, ' ');

/**
 * What readers of JUnit XML have in common: counts on every suite, those of errors too, as a check that cannot be judged ends before it is written,
 * and a type on every failure.
 */
export function junit(reports: readonly CheckReport[], folder: string): string {
  const suites = reports.map(({ file, outcomes }) => {
    const name = attribute(fromFolder(file, folder));
    const named = new Set<string>();
    const cases = outcomes.map((outcome) => {
      // GitLab ignores all but the first of a name, be they failures.
      const own = named.has(outcome.name) ? `${outcome.name} (${outcome.id})` : outcome.name;
      named.add(outcome.name);
      const open = `    <testcase classname="${name}" name="${attribute(own)}"`;
      if (outcome.passed) return `${open}/>`;
      const body = [outcome.at, ...outcome.pictures].join('\n');
      return `${open}>\n      <failure type="expectation" message="${attribute(outcome.message)}">${escaped(body)}</failure>\n    </testcase>`;
    });
    return `  <testsuite name="${name}" tests="${outcomes.length}" failures="${failures(outcomes)}" errors="0">\n${cases.join('\n')}\n  </testsuite>`;
  });
  const all = reports.flatMap(({ outcomes }) => outcomes);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="inference-lens" tests="${all.length}" failures="${failures(all)}" errors="0">\n${suites.join('\n')}\n</testsuites>\n`;
}

const failures = (outcomes: readonly CheckOutcome[]): number =>
  outcomes.filter(({ passed }) => !passed).length;

export function sarif(reports: readonly CheckReport[], folder: string): string {
  const results = reports.flatMap(({ file, outcomes }) =>
    outcomes
      .filter(({ passed }) => !passed)
      .map(({ name, message, at, pictures }) => {
        const [, line = '1', column = '1'] = /:(\d+):(\d+)$/.exec(at) ?? [];
        const seen = pictures.length === 0 ? '' : ` First: ${pictures.slice(0, 5).join(', ')}.`;
        return {
          ruleId: ruleOf(name),
          level: 'error',
          message: { text: `${message}${seen}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: {
                  uri: fromFolder(file, folder).split('/').map(encodeURIComponent).join('/'),
                },
                region: { startLine: Number(line), startColumn: Number(column) },
              },
            },
          ],
        };
      }),
  );
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].map((id) => ({ id }));
  const driver = { name: 'Inference Lens', version: projectVersion(), rules };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** The kind of an expectation: its first word. */
const ruleOf = (name: string): string => name.split(' ')[0] ?? name;

/** With / between its parts, as both formats have it. */
const fromFolder = (file: string, folder: string): string => relative(folder, file).split(sep).join('/');

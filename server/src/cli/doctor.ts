/** `inference-lens doctor`: the machine's state as a table; `--install-cuda` runs the runtime's own installer. */
import { parseArgs } from 'node:util';
import type { DoctorLine } from '../../../protocol/requests';
import { createEngine } from '../engine/engine';
import type { ErrorKind } from '../errors';
import { oneLine, printableJson } from '../printable';
import { fixFor } from './remedies';
import { DONE, exitCodes } from './exit-codes';
import { parseStrict } from './options';

const marks: Readonly<Record<DoctorLine['state'], string>> = { ok: 'ok ', warning: '!  ', problem: 'BAD' };

/** Returns 0 when nothing is broken: a device that this machine does not have is not a problem. */
export async function runDoctor(args: readonly string[], signal?: AbortSignal): Promise<number> {
  const { values } = parseStrict(() =>
    parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'install-cuda': { type: 'boolean', default: false },
      },
      strict: true,
    }),
  );
  const engine = createEngine();
  try {
    if (values['install-cuda']) {
      const moved = (line: string): void => void process.stderr.write(`${oneLine(line)}\n`);
      await engine.run('installCuda', {}, { moved, ...(signal === undefined ? {} : { signal }) });
    }
    const lines = await engine.run('doctor', {});
    process.stdout.write(values.json ? `${printableJson(lines.map(worded))}\n` : table(lines));
    const problem = lines.find((line) => line.state === 'problem');
    return problem === undefined ? DONE : exitCodes[kindOf(problem)];
  } finally {
    await engine.dispose();
  }
}

/** Who has to act, as everywhere else. */
function kindOf({ topic }: DoctorLine): ErrorKind {
  if (topic === 'cache') return 'output';
  return topic === 'model' ? 'model' : 'device';
}

/** With everything that can be done about it in the words of the command line. */
function worded({ remedies = [], fix, ...line }: DoctorLine): DoctorLine {
  return { ...line, fix: fixFor({ fix: fix ?? undefined, remedies }) ?? null };
}

function table(lines: readonly DoctorLine[]): string {
  const width = Math.max(...lines.map((line) => line.topic.length));
  const indent = ' '.repeat(width + 5);
  return lines
    .map(worded)
    .map(({ topic, state, text, fix }) => {
      const first = `${marks[state]} ${topic.padEnd(width)} ${oneLine(text)}\n`;
      return fix === null ? first : `${first}${indent}-> ${oneLine(fix)}\n`;
    })
    .join('');
}

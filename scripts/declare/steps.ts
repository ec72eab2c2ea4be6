/** The tables of docs/steps.md: every step with its parameters, from protocol/steps.ts. */
import type { Parameter } from '../../protocol/step-parameters';
import type { StepDeclaration } from '../../protocol/steps';
import { STEP_IDS, STEPS } from '../../protocol/steps';

/** What may be written, as a cell of the table. */
function values(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'choice':
      return parameter.values.map((value) => `\`${value}\``).join(', ');
    case 'flag':
      return '`true`, `false`';
    case 'number':
      return parameter.whole === true ? 'a whole number' : 'a number';
    case 'size':
      return 'a side, or `[height, width]`';
    case 'per-channel':
      return 'a number, or one for each channel';
  }
}

/** As people write it: 1/255 rather than 0.00392156862745098. */
const standard = (parameter: Parameter): string => {
  if (parameter.required === true) return 'required';
  if (!('default' in parameter)) return '';
  return `\`${parameter.default === 1 / 255 ? '1/255' : String(parameter.default)}\``;
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

function section(id: (typeof STEP_IDS)[number]): string {
  const { description, parameters, takes }: StepDeclaration = STEPS[id];
  const needs =
    takes === 'float32' ? ' It needs float32 planes: a `rescale` or `normalize` comes before it.' : '';
  return [
    `### \`${id}\``,
    '',
    `${description}${needs}`,
    '',
    '| parameter | values | default | meaning |',
    '|---|---|---|---|',
    ...Object.entries(parameters).map(
      ([name, parameter]) =>
        `| \`${name}\` | ${cell(values(parameter))} | ${standard(parameter)} | ${cell(parameter.description)} |`,
    ),
  ].join('\n');
}

export const stepSections = (): string => `\n\n${STEP_IDS.map(section).join('\n\n')}\n\n`;

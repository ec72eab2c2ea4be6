/** Doctor: what the server finds about itself, as a page of text. */
import { workspace, window } from 'vscode';
import { doctor, type DoctorLine } from '../../../protocol/requests';
import type { Services } from '../services';
import { showFailure } from './failure';

export async function runDoctor(services: Services): Promise<void> {
  const outcome = await services.connection.ask(doctor, {});
  if (!outcome.ok) return showFailure(services, outcome.failure);
  const document = await workspace.openTextDocument({
    language: 'markdown',
    content: doctorPage(outcome.value),
  });
  await window.showTextDocument(document, { preview: true });
}

const marks: Readonly<Record<DoctorLine['state'], string>> = {
  ok: 'OK',
  warning: 'Warning',
  problem: 'Problem',
};

/** One heading for each topic, in the order in which they come. */
export function doctorPage(lines: readonly DoctorLine[]): string {
  const topics = [...new Set(lines.map(({ topic }) => topic))];
  const page = topics.map((topic) => {
    const items = lines
      .filter((line) => line.topic === topic)
      .map(({ state, text, fix }) => `- **${marks[state]}**: ${text}${fix === null ? '' : `\n  - ${fix}`}`);
    return `## ${topic}\n\n${items.join('\n')}`;
  });
  return `# Inference Lens Doctor\n\n${page.join('\n\n')}\n`;
}

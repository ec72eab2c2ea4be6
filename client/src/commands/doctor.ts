/** Doctor: what the server finds about itself, as a page of text that is rewritten whenever it is asked for. */
import {
  EventEmitter,
  Uri,
  window,
  workspace,
  type Disposable,
  type TextDocumentContentProvider,
} from 'vscode';
import { doctor, type DoctorLine } from '../../../protocol/requests';
import type { Services } from '../services';
import { showFailure } from './failure';
import { commandIds } from './ids';
import { runCommand } from './run';
import { t } from '../l10n';

const scheme = 'inference-lens-doctor';
const address = Uri.from({ scheme, path: 'Inference Lens Doctor.md' });

export class Doctor implements TextDocumentContentProvider, Disposable {
  private page = '';
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration = workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.changed.event;

  constructor(private readonly services: Services) {}

  provideTextDocumentContent(): string {
    return this.page;
  }

  /** Asks the server, shows the page, and offers what a command can fix. */
  async run(): Promise<void> {
    const lines = await this.show();
    if (!lines?.some(({ remedies = [] }) => remedies.some((remedy) => remedy.do === 'install-cuda'))) return;
    const install = t('Install CUDA Libraries');
    const text = t('There is an NVIDIA driver, but the runtime’s CUDA libraries are not installed.');
    if ((await window.showInformationMessage(text, install)) === install)
      await runCommand(commandIds.installCuda);
  }

  /** @returns null if the server did not answer, which has been shown */
  async show(): Promise<readonly DoctorLine[] | null> {
    const outcome = await this.services.connection.ask(doctor, {});
    if (!outcome.ok) {
      await showFailure(this.services, outcome.failure);
      return null;
    }
    this.page = doctorPage(outcome.value);
    this.changed.fire(address);
    await window.showTextDocument(await workspace.openTextDocument(address), { preview: true });
    return outcome.value;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}

const marks: Readonly<Record<DoctorLine['state'], string>> = {
  ok: t('OK'),
  warning: t('Warning'),
  problem: t('Problem'),
};

/** One heading for each topic, in the order in which they come. */
function doctorPage(lines: readonly DoctorLine[]): string {
  const topics = [...new Set(lines.map(({ topic }) => topic))];
  const page = topics.map((topic) => {
    const items = lines
      .filter((line) => line.topic === topic)
      .map(({ state, text, fix }) => `- **${marks[state]}**: ${text}${fix === null ? '' : `\n  - ${fix}`}`);
    return `## ${topic}\n\n${items.join('\n')}`;
  });
  return `# ${t('Inference Lens Doctor')}\n\n${page.join('\n\n')}\n`;
}

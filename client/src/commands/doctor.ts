/** Doctor: what the server finds about itself, as a rendered page that is written again whenever it is requested. */
import {
  EventEmitter,
  Uri,
  commands,
  extensions,
  window,
  workspace,
  type Disposable,
  type TextDocumentContentProvider,
} from 'vscode';
import { doctor, type DoctorLine } from '../../../protocol/requests';
import { DEVICES } from '../../../protocol/vocabulary';
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
    await showPage();
    return outcome.value;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}

/** Of the editor's own, which may be disabled. */
const MARKDOWN = 'vscode.markdown-language-features';

async function showPage(): Promise<void> {
  if (extensions.getExtension(MARKDOWN)) await commands.executeCommand('markdown.showPreview', address);
  else await window.showTextDocument(await workspace.openTextDocument(address), { preview: true });
}

const marks: Readonly<Record<DoctorLine['state'], string>> = {
  ok: t('OK'),
  warning: `**${t('Warning')}**`,
  problem: `**${t('Problem')}**`,
};

/** A table with a row for each finding, under what it is about. */
function doctorPage(lines: readonly DoctorLine[]): string {
  const rows = lines.map(({ topic, state, text, fix }, at) => {
    const named = topic === lines[at - 1]?.topic ? '' : escaped(topicTitle(topic));
    const advice = fix === null ? '' : `<br>→ ${escaped(fix)}`;
    return `| ${named} | ${marks[state]} | ${escaped(text)}${advice} |`;
  });
  return [`# ${t('Inference Lens Doctor')}`, '', '| | | |', '|---|---|---|', ...rows, ''].join('\n');
}

const TOPICS: Readonly<Record<string, string>> = {
  version: t('Version'),
  runtime: t('Runtime'),
  memory: t('Memory'),
  cache: t('Cache'),
  model: t('Models'),
};

/** The server's topics are English; it may name others to come. */
function topicTitle(topic: string): string {
  const device = DEVICES.find(({ id }) => topic === `device ${id}`);
  return device === undefined ? (TOPICS[topic] ?? topic) : t('Device {0}', device.title);
}

/** As text in a cell: nothing in it is Markdown, HTML or the cell's end. */
const escaped = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replaceAll('<', '&lt;')
    .replace(/\s+/g, ' ');

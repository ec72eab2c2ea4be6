/** One webview that shows one image's report: answers its messages, runs its analyses, tells it what changed. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  RelativePattern,
  Uri,
  env,
  workspace,
  type Disposable,
  type FileSystemWatcher,
  type Webview,
  type WebviewOptions,
} from 'vscode';
import type { DetectorChoice } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { FromPanel, PanelCommand, PanelSetting, ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { commandIds } from '../commands/ids';
import { runCommand } from '../commands/run';
import type { Job } from '../report/analyzer';
import { readMaps, readReport, type MapsPlace } from '../report/readReport';
import { staleness } from '../report/staleness';
import type { Services } from '../services';
import { section, settings } from '../settings';
import { Heard } from './heard';
import { panelPage } from './html';
import { isInside } from '../report/paths';

/** What a view has to show when its page is ready. */
export type Content =
  | { readonly kind: 'analysis'; readonly image: string }
  | { readonly kind: 'report'; readonly folder: string }
  /** The window was reloaded before the image's first report was there. */
  | { readonly kind: 'interrupted'; readonly image: string }
  | { readonly kind: 'empty'; readonly reason: string };

export class ReportView implements Disposable {
  private image: string | null = null;
  private folder: string | null = null;
  private report: Report | null = null;
  private running: Job<FinishedReport> | null = null;
  /** How the last run ended, if without a report. */
  private failure: Failure | null = null;
  /** Where the raw maps of what is shown lie. */
  private maps: MapsPlace | null = null;
  /** What was heard of the running job, or of the last if it failed, for a page that comes, or comes back after it was hidden. */
  private readonly heard = new Heard();
  private watcher: FileSystemWatcher | null = null;
  private readonly disposables: Disposable[];
  /** The page has asked; before that, messages would be lost. */
  private ready = false;

  /**
   * @param roots folders besides the extension's own whose pictures the page may load
   * @param onReport called with every report that this view comes to show
   */
  constructor(
    private readonly services: Services,
    private readonly webview: Webview,
    private readonly roots: string[],
    private readonly content: Content,
    private readonly onReport: (report: Report, folder: string) => void,
  ) {
    this.disposables = [
      webview.onDidReceiveMessage((message: FromPanel) => void this.receive(message)),
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${section}.weights`)) void this.checkStaleness();
      }),
    ];
    webview.options = this.options();
    webview.html = this.page();
    // The page takes about as long to load as the first results: both begin at once.
    if (content.kind === 'analysis') this.analyze(content.image);
  }

  /** Runs the analysis again; with other weights or settings if they changed. */
  analyze(image: string, detector: DetectorChoice | null = null): void {
    this.image = image;
    void this.run((listener) =>
      this.services.analyzer.analyze(image, detector === null ? {} : { detector }, listener),
    );
  }

  dispose(): void {
    this.running?.cancel();
    this.watcher?.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private options(): WebviewOptions {
    const own = Uri.joinPath(this.services.context.extensionUri, 'dist');
    return { enableScripts: true, localResourceRoots: [own, ...this.roots.map((root) => Uri.file(root))] };
  }

  /** Lets the page load a folder's pictures. Where that is new, the page starts over and asks for its content. */
  private allow(folder: string): void {
    if (this.roots.some((root) => isInside(folder, root))) return;
    this.roots.push(folder);
    this.ready = false;
    this.webview.options = this.options();
  }

  private page(): string {
    const asset = (name: string) =>
      this.webview.asWebviewUri(Uri.joinPath(this.services.context.extensionUri, 'dist', name)).toString();
    return panelPage({
      nonce: randomBytes(16).toString('hex'),
      styleNonce: randomBytes(16).toString('hex'),
      source: this.webview.cspSource,
      script: asset('panel.js'),
      style: asset('panel.css'),
    });
  }

  private send(message: ToPanel): void {
    if (this.ready) void this.webview.postMessage(message);
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        return this.begin();
      case 'maps':
        return this.sendMaps();
      case 'retarget': {
        const { folder } = this;
        if (folder === null) return;
        return this.run((listener) =>
          this.services.analyzer.retarget(folder, message.target, message.methods, listener),
        );
      }
      case 'cancel':
        this.running?.cancel();
        return;
      case 'retry':
        if (this.image !== null) this.analyze(this.image, message.detector);
        return;
      case 'layerDetails':
        return this.sendDetails(message.layer, message.channels);
      case 'open':
        return this.open(message.what);
      case 'run':
        return runCommand(panelCommands[message.command]);
      case 'setting':
        return runCommand('workbench.action.openSettings', panelSettings[message.setting]);
      case 'copy':
        return env.clipboard.writeText(message.text);
      case 'problem':
        this.services.log.error(`Report panel: ${message.message}`);
        return;
      default:
        message satisfies never;
    }
  }

  /** The page is there, for the first time or again after it was hidden. */
  private async begin(): Promise<void> {
    const { content, report, folder, image, failure } = this;
    if (this.running && report && folder !== null) this.send(await this.reportMessage(folder, report));
    if (this.running) for (const message of this.heard.messages) this.send(message);
    else if (report && folder !== null) await this.show(folder, report);
    else if (failure) this.sendEnd(image ?? '', failure);
    else if (content.kind === 'report') await this.read(content.folder);
    else if (content.kind === 'interrupted') this.interrupted(content.image);
    else if (content.kind === 'empty') this.send({ type: 'empty', reason: content.reason });
  }

  private interrupted(image: string): void {
    this.image = image;
    this.sendEnd(image, { kind: 'cancelled', message: 'Cancelled.', fix: null });
  }

  /** To a page that knows nothing of the run that ended: what was found out by then, without the pictures, which are gone. */
  private sendEnd(image: string, failure: Failure): void {
    const { messages } = this.heard;
    if (messages.length === 0) this.send({ type: 'loading', image, progress: null });
    for (const message of messages) this.send(message);
    this.send({ type: 'failed', failure });
  }

  private async read(folder: string): Promise<void> {
    const read = await readReport(folder);
    if (read.ok) await this.show(folder, read.value);
    else this.send({ type: 'empty', reason: read.failure.message });
  }

  private async run(
    start: (listener: Parameters<Services['analyzer']['analyze']>[2]) => Job<FinishedReport>,
  ): Promise<void> {
    this.running?.cancel();
    const image = this.image ?? '';
    this.failure = null;
    this.heard.clear();
    const hear = (message: Parameters<Heard['add']>[0]) => {
      this.heard.add(message);
      this.send(message);
    };
    hear({ type: 'loading', image, progress: null });
    const job = start({
      progress: (progress) => {
        if (this.running === job) hear({ type: 'loading', image, progress });
      },
      partial: (folder, report) => {
        if (this.running !== job) return;
        this.allow(folder);
        // A report in view keeps its maps until the next one is whole.
        if (report.mapsFile !== undefined && !this.report) this.maps = { folder, mapsFile: report.mapsFile };
        hear({ type: 'partial', base: this.base(folder), report });
      },
    });
    this.running = job;
    const outcome = await job.done;
    // Another run has taken this one's place; it has the word.
    if (this.running !== job) return;
    this.running = null;
    if (!outcome.ok) {
      this.fail(outcome.failure);
      return;
    }
    this.heard.clear();
    await this.show(outcome.value.folder, outcome.value.report);
  }

  private fail(failure: Failure): void {
    if (failure.kind !== 'cancelled') this.services.log.error(`${this.image ?? ''}: ${failure.message}`);
    this.failure = failure;
    this.send({ type: 'failed', failure });
  }

  private async show(folder: string, report: Report): Promise<void> {
    this.folder = folder;
    this.report = report;
    this.failure = null;
    this.maps = { folder, mapsFile: report.mapsFile };
    this.image = report.input.path;
    this.allow(folder);
    this.send(await this.reportMessage(folder, report));
    this.watch(report.input.path);
    this.onReport(report, folder);
  }

  private async reportMessage(folder: string, report: Report): Promise<ToPanel> {
    const stale = await staleness(report, settings(Uri.file(report.input.path)).weights);
    return { type: 'report', folder, base: this.base(folder), report, stale };
  }

  private watch(image: string): void {
    this.watcher?.dispose();
    this.watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(image)), '*'));
    const check = (uri: Uri) => {
      if (uri.fsPath === image) void this.checkStaleness();
    };
    this.watcher.onDidChange(check);
    this.watcher.onDidDelete(check);
    this.watcher.onDidCreate(check);
  }

  private async checkStaleness(): Promise<void> {
    const { report } = this;
    if (!report) return;
    const reasons = await staleness(report, settings(Uri.file(report.input.path)).weights);
    if (this.report === report) this.send({ type: 'stale', reasons });
  }

  private base(folder: string): string {
    return this.webview.asWebviewUri(Uri.file(folder)).toString();
  }

  private async sendMaps(): Promise<void> {
    for (let place = this.maps; place !== null;) {
      const maps = await readMaps(place);
      // A run's folder is renamed when its report is complete: then they are read where they lie now.
      if (place !== this.maps) place = this.maps;
      else {
        this.send(
          maps.ok
            ? { type: 'maps', base64: maps.value.toString('base64') }
            : { type: 'mapsFailed', failure: maps.failure },
        );
        return;
      }
    }
  }

  private async sendDetails(layer: string, channels: number): Promise<void> {
    if (this.folder === null) return;
    const outcome = await this.services.analyzer.layerDetails(this.folder, layer, channels).done;
    if (outcome.ok) this.send({ type: 'layerDetails', layer, details: outcome.value });
    else this.send({ type: 'layerDetailsFailed', layer, failure: outcome.failure });
  }

  private async open(what: Extract<FromPanel, { type: 'open' }>['what']): Promise<void> {
    const inside = (name: string) => Uri.file(join(this.folder ?? '', name));
    switch (what) {
      case 'log':
        this.services.log.show();
        return;
      case 'image':
        if (this.image !== null) await runCommand('vscode.open', Uri.file(this.image));
        return;
      case 'folder':
        return runCommand('revealInExplorer', inside('report.md'));
      case 'markdown':
        return runCommand('markdown.showPreview', inside('report.md'));
      case 'json':
        return runCommand('vscode.openWith', inside('report.json'), 'default');
      default:
        what satisfies never;
    }
  }
}

const panelCommands: Readonly<Record<PanelCommand, string>> = {
  selectWeights: commandIds.selectWeights,
  selectDevice: commandIds.selectDevice,
  importCheckpoint: commandIds.importCheckpoint,
  doctor: commandIds.doctor,
  installCuda: commandIds.installCuda,
  pickImage: commandIds.analyze,
};

/** What the settings editor is asked for. */
const panelSettings: Readonly<Record<PanelSetting, string>> = {
  detector: '@id:inferenceLens.detector',
  output: '@id:inferenceLens.output',
};

/** One webview that shows one image's report: answers its messages, runs its analyses, reports changes. */
import { Uri, workspace, type Disposable, type Webview } from 'vscode';
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { Failure } from '../../../protocol/failure';
import type { FromPanel, SentToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import type { FinishedReport } from '../../../protocol/requests';
import { chooseStateDict } from '../commands/stateDict';
import type { Job } from '../report/analyzer';
import { isInside } from '../report/paths';
import { untrusted } from '../report/trust';
import type { Services } from '../services';
import { answerApart } from './apart';
import { ByHand, editedOf, isByHand, type HandMessage } from './byHand';
import { ReportReader, broken, stopped, type Content } from './content';
import { Freshness } from './freshness';
import { pickTarget } from './pickTarget';
import { Heard } from './heard';
import { MapPlaces } from './mapPlaces';
import { optionsFor, pageFor } from './page';
import { openPart } from './opening';
import { mapsAnswer, reportAnswer } from './questions';
import { goToSource } from './source';
import { t } from '../l10n';

export class ReportView implements Disposable {
  private image: string | null = null;
  /** What the running analysis, or the last, was asked beside the settings. */
  private asked: Partial<AnalysisOptions> = {};
  private folder: string | null = null;
  private report: Report | null = null;
  /** Whether the report was made in this window, not found on disk: what it names was the reader's choice. */
  private own = false;
  private running: Job<FinishedReport> | null = null;
  /** How the last run ended, if without a report; until the reader dismisses it or another run begins. */
  private failure: Failure | null = null;
  private readonly maps = new MapPlaces();
  /** Messages about the running job, or the last one if it failed, for a page that loads or comes back. */
  private readonly heard = new Heard();
  private readonly freshness: Freshness;
  private readonly listening: Disposable;
  private readonly byHand: ByHand;
  private readonly reader = new ReportReader();
  /** The page has asked; before that, messages may be lost. */
  private ready = false;
  /** A report that is there already: it is read and sent while the page loads, until the page has asked and this is over. */
  private ahead: Promise<void> | null = null;
  private disposed = false;

  /**
   * @param roots folders besides the extension's own whose pictures the page may load
   * @param onReport called with every report that this view comes to show, and with the folder of the one that it was made from by
   * changing its target or methods
   */
  constructor(
    private readonly services: Services,
    private readonly webview: Webview,
    private readonly roots: string[],
    private readonly content: Content,
    private readonly onReport: (report: Report, folder: string, before: string | null) => void,
  ) {
    this.freshness = new Freshness((reasons) => this.send({ type: 'stale', reasons }));
    this.byHand = new ByHand(services.analyzer, (message) => this.send(message));
    this.listening = webview.onDidReceiveMessage((message: FromPanel) => void this.answer(message));
    webview.options = optionsFor(services.context.extensionUri, this.roots);
    webview.html = pageFor(webview, services.context.extensionUri, 'panel');
    // The page takes about as long to load as the first results: both begin at once.
    if (content.kind === 'analysis') this.analyze(content.image, content.options);
    if (content.kind === 'report') this.ahead = this.read(content.folder, content.failure ?? null);
    this.ahead?.catch(() => undefined); // until the page asks
  }

  /** Runs the analysis; with other weights or settings if they changed. @param options that differ from them, also when it is run again */
  analyze(image: string, options: Partial<AnalysisOptions>): void {
    this.image = image;
    this.asked = options;
    void this.run((listener) => this.services.analyzer.analyze(image, options, listener));
  }

  dispose(): void {
    this.disposed = true;
    this.running?.cancel();
    this.byHand.dispose();
    this.freshness.dispose();
    this.listening.dispose();
  }

  /** Lets the page load a folder's pictures. Where that is new, the page starts over and asks for its content. */
  private allow(folder: string): void {
    if (this.roots.some((root) => isInside(folder, root))) return;
    this.roots.push(folder);
    this.ready = false;
    this.webview.options = optionsFor(this.services.context.extensionUri, this.roots);
  }

  private send(message: SentToPanel): void {
    if (this.ready || this.ahead !== null) void this.webview.postMessage(message);
  }

  private async forward(coming: Promise<SentToPanel | null>): Promise<void> {
    const message = await coming;
    if (message) this.send(message);
  }

  /** Absolute path of the folder of the report in view; null where none is. */
  get shown(): string | null {
    return this.report ? this.folder : null;
  }

  /** The page puts the report in words and sends them to be copied. */
  askSummary(): void {
    this.send({ type: 'copySummary' });
  }

  /** Whatever goes wrong is logged and shown on the page, which would otherwise stay blank and wait. */
  async answer(asked: FromPanel): Promise<void> {
    try {
      await this.receive(asked);
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.services.log.error(`Report panel, on ${asked.type}: ${reason}`);
      const failure = broken(t('The panel failed: {0}', String(error)));
      this.send({ type: this.report || this.running ? 'failed' : 'unreadable', failure });
    }
  }

  private async receive(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        return this.begin();
      case 'maps':
        return this.forward(mapsAnswer(message, this.maps, () => this.running?.done));
      case 'retarget': {
        const { folder, image } = this;
        if (folder === null || image === null || this.refused()) return;
        const { target, methods } = message;
        return this.run(
          (listener) => this.services.analyzer.retarget(folder, image, target, methods, listener),
          folder,
        );
      }
      case 'chooseTarget':
        return pickTarget(this.report, (target) => this.receive({ ...message, type: 'retarget', target }));
      case 'cancel':
        return this.running?.cancel();
      case 'retry':
        if (this.image !== null && !this.refused())
          this.analyze(
            this.image,
            message.detector === null ? this.asked : { ...this.asked, detector: message.detector, box: null },
          );
        return;
      case 'dismiss':
        this.failure = null;
        return;
      case 'chooseStateDict':
        if (this.image !== null && (await chooseStateDict(this.failure)))
          this.analyze(this.image, this.asked);
        return;
      case 'layerDetails':
      case 'layerChannels':
      case 'stepPictures':
      case 'copyPython':
        if (this.folder !== null) this.send(await reportAnswer(message, this.services.analyzer, this.folder));
        return;
      case 'verdict':
      case 'filePicture':
      case 'edit':
        if (this.image !== null && !this.refused()) await this.handled(message, this.image);
        return;
      case 'goToSource':
        if (this.report === null || this.refused()) return;
        return this.forward(goToSource(this.report, message.layer));
      case 'open':
        return this.open(message.what);
      default:
        return this.forward(answerApart(message, this.image, this.services.log));
    }
  }

  /** A report of an edited input replaces one in view that was; that of the unedited file stays in the list. */
  private async handled(message: HandMessage, image: string): Promise<void> {
    const { asked } = this;
    const report = editedOf(this.report, this.failure);
    const folder = report && this.folder;
    if (message.type !== 'edit') return this.byHand.answer(message, { image, folder, asked });
    const { edit } = message;
    if (folder === null) {
      this.analyze(image, { ...asked, ...edit });
      return;
    }
    this.asked = { ...asked, ...edit };
    const before = report !== null && isByHand(report) ? folder : null;
    return this.run((listener) => this.services.analyzer.edit(folder, image, { ...edit }, listener), before);
  }

  /** The page is there, for the first time or again after it was hidden. */
  private async begin(): Promise<void> {
    const { content, ahead } = this;
    if (ahead !== null) {
      await ahead.finally(() => (this.ahead = null));
      this.send({ type: 'sent' });
    } else if (this.report || this.running || this.failure) await this.present();
    else if (content.kind === 'report') await this.read(content.folder, content.failure ?? null);
    else if (content.kind === 'interrupted') this.interrupted(content.image, content.failure);
    else if (content.kind === 'empty') this.send({ type: 'empty', reason: content.reason });
  }

  /** Sends the page everything: the report, then the state of the run after it, or how that ended. */
  private async present(): Promise<void> {
    const { report, folder } = this;
    if (report && folder !== null) {
      const message = await this.reportMessage(folder, report);
      // Another report has replaced it meanwhile, and was published by its own request.
      if (this.report !== report) return;
      this.send(message);
    }
    if (this.running) for (const message of this.heard.messages) this.send(message);
    else if (this.failure && this.report) this.send({ type: 'failed', failure: this.failure });
    else if (this.failure) this.sendEnd(this.image ?? '', this.failure);
  }

  /** Whether the files that the report names must not be read; shows why if so. */
  private refused(): boolean {
    const { report, folder } = this;
    if (!report || folder === null || this.own || workspace.isTrusted) return false;
    this.fail(untrusted(folder, report));
    return true;
  }

  private interrupted(image: string, failure: Failure | null): void {
    this.image = image;
    this.failure = failure ?? stopped();
    this.sendEnd(image, this.failure);
  }

  /** To a page that knows nothing of the run that ended: what was found out by then, without the pictures, which are gone. */
  private sendEnd(image: string, failure: Failure): void {
    const { messages } = this.heard;
    if (messages.length === 0) this.send({ type: 'loading', image, progress: null });
    for (const message of messages) this.send(message);
    this.send({ type: 'failed', failure });
  }

  /** @param failure that stays in view beside the report */
  private async read(folder: string, failure: Failure | null): Promise<void> {
    const read = await this.reader.read(folder);
    // Meanwhile the panel was closed, or an analysis began.
    if (this.disposed || this.report || this.running || this.failure) return;
    if (read.ok) {
      await this.show(folder, read.value, false, failure);
      this.onReport(read.value, folder, null);
    } else this.send({ type: 'unreadable', failure: read.failure });
  }

  /** @param before folder of the report that the run changes the target of */
  private async run(
    start: (listener: Parameters<Services['analyzer']['analyze']>[2]) => Job<FinishedReport>,
    before: string | null = null,
  ): Promise<void> {
    this.running?.cancel();
    const image = this.image ?? '';
    this.failure = null;
    this.heard.clear();
    this.maps.begins();
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
        if (report.mapsFile !== undefined) this.maps.written(folder, report.mapsFile);
        hear({ type: 'partial', folder, base: this.base(folder), report });
      },
    });
    this.running = job;
    const outcome = await job.done;
    // Another run has replaced this one, and reports instead.
    if (this.running !== job) return;
    this.running = null;
    if (!outcome.ok) {
      this.fail(outcome.failure);
      return;
    }
    this.heard.clear();
    await this.show(outcome.value.folder, outcome.value.report, true);
    this.onReport(outcome.value.report, outcome.value.folder, before);
  }

  private fail(failure: Failure): void {
    if (failure.kind !== 'cancelled')
      this.services.log.error(`${this.image ?? ''}: ${failure.message} [${failure.code}]`);
    this.failure = failure;
    this.send({ type: 'failed', failure });
  }

  private async show(
    folder: string,
    report: Report,
    own: boolean,
    failure: Failure | null = null,
  ): Promise<void> {
    this.folder = folder;
    this.report = report;
    this.own = own;
    this.failure = failure;
    this.maps.shows(folder, report);
    this.image = report.input.path;
    this.allow(folder);
    await this.present();
    if (this.mayLook()) this.freshness.watch(report);
  }

  /** Whether the image that the report names may be looked at, to see if it has changed. */
  private readonly mayLook = (): boolean => this.own || workspace.isTrusted;

  private async reportMessage(folder: string, report: Report): Promise<SentToPanel> {
    const stale = this.mayLook() ? await this.freshness.reasons(report) : [];
    return { type: 'report', folder, base: this.base(folder), ...(await this.reader.json(report)), stale };
  }

  private readonly base = (folder: string): string => this.webview.asWebviewUri(Uri.file(folder)).toString();

  private async open(what: Extract<FromPanel, { type: 'open' }>['what']): Promise<void> {
    if (what === 'log') {
      this.services.log.show();
      return;
    }
    if (what === 'image' && this.refused()) return;
    const { content, report } = this;
    const folder = this.folder ?? (content.kind === 'report' ? content.folder : null);
    if (what !== 'image' && folder !== null && report?.undrawn === true) {
      const drawn = await this.services.analyzer.draw(folder);
      if (!drawn.ok) {
        this.fail(drawn.failure);
        return;
      }
      const read = await this.reader.read(folder);
      if (read.ok && this.report === report) this.report = read.value;
    }
    await openPart(what, folder, this.image);
  }
}

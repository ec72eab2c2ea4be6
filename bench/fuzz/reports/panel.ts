/** The panel's page in a browser under fuzzing: whatever it is told, it shows something and throws nothing. */
import type { Browser } from 'playwright-core';
import type { Outcome } from '../../../protocol/failure';
import type { ToPanel } from '../../../protocol/panel';
import type { Report } from '../../../protocol/report';
import { openPanel, type PanelPage } from '../../../test/e2e/panel/page';
import { startChromium } from '../../../test/e2e/vscode/launch';

export interface Shown {
  readonly what: string;
  readonly faults: readonly string[];
}

/** Milliseconds in which a page has to have drawn; generous, since the machine may be busy. */
const PATIENCE = 20_000;

export class PanelUnderTest {
  private constructor(
    private readonly browser: Browser,
    private readonly panel: PanelPage,
  ) {}

  /** @param folder whose pictures the page may load */
  static async open(folder: string): Promise<PanelUnderTest> {
    const browser = await startChromium();
    return new PanelUnderTest(
      browser,
      await openPanel(browser, { theme: 'dark', width: 1000, height: 700, folder }),
    );
  }

  /** As the extension tells the page, which is told nothing else. */
  show(folder: string, read: Outcome<Report>): Promise<Shown> {
    return this.send(
      read.ok ? this.message(folder, read.value) : { type: 'unreadable', failure: read.failure },
    );
  }

  async close(): Promise<void> {
    await this.panel.close();
    await this.browser.close();
  }

  private message(folder: string, report: Report): ToPanel {
    return { type: 'report', folder, base: this.panel.base, report, stale: [] };
  }

  private async send(message: ToPanel): Promise<Shown> {
    const { page, problems } = this.panel;
    problems.length = 0;
    const drawn = async (): Promise<string> => {
      await this.panel.send(message);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))');
      return page.evaluate<string>('document.body.innerText');
    };
    const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null).unref());
    const text = await Promise.race([drawn(), late]);
    // A picture that is not there is not the page's fault.
    const faults = problems.filter((line) => !/Failed to load resource/.test(line));
    if (text === null) return { what: 'nothing', faults: [`the panel did not draw in ${PATIENCE / 1000} s`] };
    if (text.trim() === '') faults.push('the panel is blank');
    if (/The panel failed while it drew/.test(text)) faults.push(text.split('\n').slice(0, 3).join(' '));
    return { what: /This report cannot be shown/.test(text) ? 'why not' : 'the report', faults };
  }
}

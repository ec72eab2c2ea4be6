/** What has been received about a running analysis, as the fewest messages that bring a page up to date. */
import type { SentToPanel } from '../../../protocol/panel';

type Message = Extract<SentToPanel, { type: 'loading' | 'partial' }>;

export class Heard {
  private begun: Message[] = [];
  private partials: Message[] = [];
  private last: Message | null = null;

  add(message: Message): void {
    if (message.type === 'partial') this.partials.push(message);
    else if (message.progress === null) this.begun = [message];
    else this.last = message;
  }

  /** The start, all partial results, and the latest progress. */
  get messages(): readonly SentToPanel[] {
    return [...this.begun, ...this.partials, ...(this.last ? [this.last] : [])];
  }

  clear(): void {
    [this.begun, this.partials, this.last] = [[], [], null];
  }
}

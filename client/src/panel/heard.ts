/** What was heard of a run that goes on, as few messages as tell a page all of it. */
import type { ToPanel } from '../../../protocol/panel';

type Message = Extract<ToPanel, { type: 'loading' | 'partial' }>;

export class Heard {
  private begun: Message[] = [];
  private partials: Message[] = [];
  private last: Message | null = null;

  add(message: Message): void {
    if (message.type === 'partial') this.partials.push(message);
    else if (message.progress === null) this.begun = [message];
    else this.last = message;
  }

  /** The beginning, all first results, and how far the run is. */
  get messages(): readonly ToPanel[] {
    return [...this.begun, ...this.partials, ...(this.last ? [this.last] : [])];
  }

  clear(): void {
    [this.begun, this.partials, this.last] = [[], [], null];
  }
}

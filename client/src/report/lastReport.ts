/** The report that was shown last, over restarts of the editor, and what it said about device and weights. */
import { EventEmitter, type Event, type Memento } from 'vscode';
import type { DeviceName, Report } from '../../../protocol/report';

export interface ReportMark {
  /** Absolute path of the report folder. */
  readonly folder: string;
  readonly device: DeviceName;
  readonly weights: string;
  readonly untrained: boolean;
}

const key = 'lastReport';

export class LastReport {
  private readonly changed = new EventEmitter<ReportMark>();
  readonly onChange: Event<ReportMark> = this.changed.event;

  constructor(private readonly memory: Memento) {}

  get mark(): ReportMark | undefined {
    return this.memory.get<ReportMark>(key);
  }

  async set(report: Report, folder: string): Promise<void> {
    const { device, model } = report;
    const mark = { folder, device: device.provider, weights: model.name, untrained: model.untrained };
    await this.memory.update(key, mark);
    this.changed.fire(mark);
  }
}

/**
 * Where raw maps are: those of the report in view and of the current run, each by the folder under which the
 * page knows it.
 */
import { mapsPlace, type MapsPlace } from '../../../files/report-folder';
import type { RelativePath, Report } from '../../../protocol/report';

interface Known {
  readonly folder: string;
  readonly place: MapsPlace;
}

export class MapPlaces {
  private report: Known | null = null;
  private run: Known | null = null;

  /** Nothing more is requested from the run before it. */
  begins(): void {
    this.run = null;
  }

  /** A run has written its maps. @param folder which is renamed when the report is whole */
  written(folder: string, mapsFile: RelativePath): void {
    this.run = { folder, place: { folder, mapsFile } };
  }

  /** A report comes into view; where a run has written it, what the page knows under the run's folder lies here now. */
  shows(folder: string, report: Report): void {
    const place = mapsPlace(folder, report);
    this.report = { folder, place };
    if (this.run !== null) this.run = { folder: this.run.folder, place };
  }

  of(folder: string): MapsPlace | null {
    return [this.report, this.run].find((known) => known?.folder === folder)?.place ?? null;
  }
}

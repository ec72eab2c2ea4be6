/** The engine in this process: the one door through which the command line and the child process compute. */
import type { AnalysisOptions } from '../../../protocol/analysis';
import type { DoctorLine, FinishedReport, LayerDetails, ModelSummary } from '../../../protocol/requests';
import { KeptActivations, layerDetails } from '../pipeline/layer-details';
import type { RunHooks } from '../pipeline/run';
import { analyze } from '../pipeline/run';
import type { WorkbenchOptions } from '../pipeline/workbench/workbench';
import { Workbench } from '../pipeline/workbench/workbench';
import { probeDevice } from '../runtime/probe';
import type { ModelStore } from '../store/store';
import { examine } from './doctor';
import { listModels, modelLines } from './models';

export interface Engine {
  readonly store: ModelStore;
  /** @throws LensError */
  analyze(image: string, options: AnalysisOptions, hooks?: RunHooks): Promise<FinishedReport>;
  /** What the inspector shows of one layer beyond the report. @throws LensError */
  layerDetails(folder: string, layer: string, channels: number, signal?: AbortSignal): Promise<LayerDetails>;
  listModels(): Promise<readonly ModelSummary[]>;
  doctor(): Promise<readonly DoctorLine[]>;
  /** Gives sessions and memory back. */
  dispose(): Promise<void>;
}

export function createEngine(options?: WorkbenchOptions): Engine {
  const bench = new Workbench(undefined, options);
  const kept = new KeptActivations();
  return {
    store: bench.store,
    analyze: (image, options, hooks) => analyze(image, options, bench, hooks),
    layerDetails: (folder, layer, channels, signal) =>
      layerDetails({ folder, layer, channels }, bench.store, kept, signal),
    listModels: () => listModels(bench.store),
    doctor: () => examine(probeDevice, () => modelLines(bench.store)),
    dispose: () => {
      kept.forget();
      return bench.dispose();
    },
  };
}

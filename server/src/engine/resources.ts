/** What tasks work with, and what they report while they run. */
import type { OpenTables } from '../evaluation/shown/open';
import type { Activations } from '../pipeline/layer-details';
import type { LayerPlanes } from '../pipeline/layer-planes';
import type { InspectedNetworks } from '../pipeline/lens-check/networks';
import type { Recent } from '../pipeline/recent';
import type { RunHooks } from '../pipeline/run';
import type { Workbench } from '../pipeline/workbench/workbench';

/** What is warm, for as long as the engine lives. */
export interface Resources {
  readonly bench: Workbench;
  readonly kept: Recent<Activations>;
  readonly planes: Recent<LayerPlanes>;
  readonly networks: InspectedNetworks;
  readonly tables: () => Promise<OpenTables>;
}

export interface TaskHooks extends RunHooks {
  /** Bytes of a file that have been copied or downloaded. @param total null where it is unknown */
  readonly moved?: (what: string, done: number, total: number | null) => void;
  /** A sentence for the reader that is neither progress nor a warning. */
  readonly note?: (text: string) => void;
}

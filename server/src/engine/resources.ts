/** What tasks work with, and what they tell while they run. */
import type { OpenTables } from '../evaluation/shown/open';
import type { RecentPlanes } from '../pipeline/layer-channels';
import type { CachedActivations } from '../pipeline/layer-details';
import type { InspectedNetworks } from '../pipeline/lens-check/networks';
import type { RunHooks } from '../pipeline/run';
import type { Workbench } from '../pipeline/workbench/workbench';

/** What is warm, for as long as the engine lives. */
export interface Resources {
  readonly bench: Workbench;
  readonly kept: CachedActivations;
  readonly planes: RecentPlanes;
  readonly networks: InspectedNetworks;
  readonly tables: OpenTables;
}

export interface TaskHooks extends RunHooks {
  /** Bytes of a file that is copied or fetched. @param total null where nobody knows it */
  readonly moved?: (what: string, done: number, total: number | null) => void;
  /** A sentence for the reader that is neither progress nor a warning. */
  readonly note?: (text: string) => void;
}

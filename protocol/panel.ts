/** The messages between the editor and one report panel (a webview), each with its direction. */
import type { Progress } from './analysis';
import type { Failure } from './failure';
import type { CamMethod, Report } from './report';
import type { LayerDetails, PartialReport } from './requests';

/** Editor -> panel. */
export type ToPanel =
  | { readonly type: 'loading'; readonly image: string; readonly progress: Progress | null }
  /** `base` is the address under which the webview may load the report folder's pictures. */
  | { readonly type: 'partial'; readonly base: string; readonly report: PartialReport }
  | {
      readonly type: 'report';
      readonly base: string;
      readonly report: Report;
      readonly stale: readonly string[];
    }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'layerDetails'; readonly layer: string; readonly details: LayerDetails }
  | { readonly type: 'layerDetailsFailed'; readonly layer: string; readonly failure: Failure };

/** Panel -> editor. */
export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'retarget'; readonly target: string; readonly methods: readonly CamMethod[] }
  | { readonly type: 'cancel' }
  | { readonly type: 'retry' }
  | { readonly type: 'layerDetails'; readonly layer: string; readonly channels: number }
  | { readonly type: 'open'; readonly what: 'folder' | 'markdown' | 'json' | 'log' | 'image' }
  | { readonly type: 'copy'; readonly text: string };

/** The messages between the editor and one report panel (a webview), each with its direction. */
import type { Progress } from './analysis';
import type { Failure } from './failure';
import type { SettingName } from './options';
import type { BoxReport, MapSlice, Report } from './report';
import type {
  FilePicture,
  LayerChannels,
  LayerDetails,
  PartialReport,
  QuickVerdict,
  StepPictures,
} from './requests';
import type { Stroke } from './strokes';
import type { CamMethod, DetectorChoice, SnippetSubject } from './vocabulary';

/** What a reader changes of the input by hand. */
export interface HandEdit {
  /** Where the network looks; null leaves that to the lens and its detector. */
  readonly box: BoxReport | null;
  /** Null for the file as it is. */
  readonly strokes: readonly Stroke[] | null;
}

/** Editor -> panel. */
export type ToPanel =
  /** An analysis waits or runs. A report of the same image stays in view meanwhile. */
  | { readonly type: 'loading'; readonly image: string; readonly progress: Progress | null }
  /**
   * More is known about the run. `folder` is where it writes, by which its maps are requested; `base` is the address under which the
   * webview may load the folder's pictures.
   */
  | {
      readonly type: 'partial';
      readonly folder: string;
      readonly base: string;
      readonly report: PartialReport;
    }
  /**
   * `folder` is the report folder's absolute path; the panel stores it, so that a reload finds the report
   * again.
   */
  | {
      readonly type: 'report';
      readonly folder: string;
      readonly base: string;
      readonly report: Report;
      readonly stale: readonly string[];
    }
  /** What has changed since the report in view was written, as sentences; none if it is up to date. */
  | { readonly type: 'stale'; readonly reasons: readonly string[] }
  /** Raw maps that were requested, one behind the other: float32, little-endian. @param folder as in the question */
  | {
      readonly type: 'maps';
      readonly folder: string;
      readonly slices: readonly MapSlice[];
      readonly bytes: ArrayBuffer;
    }
  | { readonly type: 'mapsFailed'; readonly folder: string; readonly failure: Failure }
  /** The analysis ended without a report; kind `cancelled` if it was stopped. */
  | { readonly type: 'failed'; readonly failure: Failure }
  /** A report was to be shown that cannot be: the failure names its file, what was expected, what was found, what to do. */
  | { readonly type: 'unreadable'; readonly failure: Failure }
  /** There is nothing to show, such as after a reload whose report is gone. */
  | { readonly type: 'empty'; readonly reason: string }
  /** The user wants a summary of the report; the panel answers with `copy`. */
  | { readonly type: 'copySummary' }
  | { readonly type: 'layerDetails'; readonly layer: string; readonly details: LayerDetails }
  | { readonly type: 'layerDetailsFailed'; readonly layer: string; readonly failure: Failure }
  /** One page of a layer's channels. */
  | { readonly type: 'layerChannels'; readonly page: LayerChannels }
  | { readonly type: 'layerChannelsFailed'; readonly layer: string; readonly failure: Failure }
  /** @param asked the number of the question */
  | { readonly type: 'verdict'; readonly asked: number; readonly verdict: QuickVerdict }
  | { readonly type: 'verdictFailed'; readonly asked: number; readonly failure: Failure }
  | { readonly type: 'filePicture'; readonly picture: FilePicture }
  | { readonly type: 'filePictureFailed'; readonly failure: Failure }
  /** How saving or copying ended, in a sentence; a failure's says what can be done. */
  | { readonly type: 'notice'; readonly text: string; readonly failed: boolean }
  | { readonly type: 'stepPictures'; readonly step: number; readonly pictures: StepPictures['pictures'] }
  | { readonly type: 'stepPicturesFailed'; readonly step: number; readonly failure: Failure };

export interface PackedJson {
  /** UTF-8. */
  readonly json: ArrayBuffer;
  readonly gzipped: boolean;
}

/**
 * As it is sent: a report as the bytes of one text, since on its way through the editor each value of an object, and each character of a
 * text, is visited five times. The extension has read it by `readReport`, or its server has made it.
 */
export type SentToPanel =
  | Exclude<ToPanel, { type: 'report' }>
  | (Omit<Extract<ToPanel, { type: 'report' }>, 'report'> & PackedJson)
  /** What there is to show was sent before the panel was ready: one that has not got it by now asks again. */
  | { readonly type: 'sent' };

/** Commands of the extension that the panel offers where they help. */
export type PanelCommand =
  | 'selectWeights'
  | 'selectDevice'
  | 'selectLens'
  | 'selectDetector'
  | 'selectCrop'
  | 'selectLabels'
  | 'importCheckpoint'
  | 'doctor'
  | 'installCuda'
  | 'pickImage'
  | 'setQueuePassword'
  | 'manageTrust'
  | 'restartServer';

/** Panel -> editor. */
export type FromPanel =
  /** The panel listens; the editor answers with what there is to show. */
  | { readonly type: 'ready' }
  /** Asks for raw maps. @param folder of a report, or as it was sent with what is known of a run */
  | { readonly type: 'maps'; readonly folder: string; readonly slices: readonly MapSlice[] }
  | { readonly type: 'retarget'; readonly target: string; readonly methods: readonly CamMethod[] }
  /** Lets the reader pick a class by its name, which is then the target. */
  | { readonly type: 'chooseTarget'; readonly methods: readonly CamMethod[] }
  | { readonly type: 'cancel' }
  /** Analyzes the same image again; `detector` replaces the setting, null keeps it. */
  | { readonly type: 'retry'; readonly detector: DetectorChoice | null }
  /** The reader has taken note of how the last run ended. */
  | { readonly type: 'dismiss' }
  /** Lets the reader pick one of the state dicts that the failure names, and analyzes the image again. */
  | { readonly type: 'chooseStateDict' }
  | { readonly type: 'layerDetails'; readonly layer: string; readonly channels: number }
  /** @param from rank of the first channel of the page */
  | { readonly type: 'layerChannels'; readonly layer: string; readonly from: number }
  /** Lets the reader choose where a file that the page made is written. @param name of the file, which ends in what it is */
  | { readonly type: 'save'; readonly name: string; readonly base64: string }
  /** Copies a Python script that computes again what is shown. @param layer null for the verdict */
  | {
      readonly type: 'copyPython';
      readonly subject: SnippetSubject;
      readonly layer: string | null;
      readonly method: CamMethod | null;
      readonly channel: number | null;
    }
  /** Asks for the verdict of an edited input; a later question replaces one that waits. @param asked its number */
  | { readonly type: 'verdict'; readonly asked: number; readonly edit: HandEdit }
  /** Asks for the picture of an image that has no report. */
  | { readonly type: 'filePicture' }
  /** Analyzes the edited input, as a report in the place of the one in view. */
  | { readonly type: 'edit'; readonly edit: HandEdit }
  /** Opens the source code of a layer. */
  | { readonly type: 'goToSource'; readonly layer: string }
  /** Draws what a preprocessing step made of the picture. */
  | { readonly type: 'stepPictures'; readonly step: number }
  | { readonly type: 'open'; readonly what: 'folder' | 'markdown' | 'json' | 'log' | 'image' }
  | { readonly type: 'run'; readonly command: PanelCommand }
  /** Opens a setting of the editor where another value helps. */
  | { readonly type: 'setting'; readonly setting: SettingName }
  | { readonly type: 'copy'; readonly text: string }
  /** Something in the panel's own code threw; goes to the log. */
  | { readonly type: 'problem'; readonly message: string };

/** What the panel asks the webview to keep over a reload of the window. */
export interface PanelMemory {
  readonly version: 1;
  readonly image: string | null;
  /** Absolute path of the report folder, once there is one. */
  readonly folder: string | null;
  /** How the last run ended, if without a report and not dismissed. */
  readonly failure?: Failure | null;
  /** What the reader chose to see; the panel's own business. */
  readonly view: unknown;
}

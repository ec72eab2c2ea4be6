/** What every view may use: the state, the reader's choices, and how to message the editor. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Failure } from '../../protocol/failure';
import type { FromPanel } from '../../protocol/panel';
import type { CropPicture } from './picture/crop';
import type { Painter } from './picture/painter';
import type { PaintQueue } from './picture/paintQueue';
import type { Stage } from './picture/stage';
import type { MapRequests, Maps } from './state/maps';
import { shownReport, type PanelState } from './state/panel';
import type { View } from './state/view';

export { pictureAddress, stepAddress } from './state/addresses';

export interface Panel {
  readonly state: PanelState;
  readonly view: View;
  readonly painter: Painter;
  /** For pictures that may come a frame later. */
  readonly queue: PaintQueue;
  /** On which small pictures are drawn at full size. */
  readonly stage: Stage;
  readonly requests: MapRequests;
  /** The picture under the colors; null until it is loaded. */
  readonly crop: CropPicture | null;
  readonly choose: (change: Partial<View>) => void;
  readonly send: (message: FromPanel) => void;
  /** Takes how the last run ended out of view, for good. */
  readonly dismiss: () => void;
  /** Asks for a layer's histogram and channels, once. */
  readonly askDetails: (layer: string, channels: number) => void;
  /** Asks for a page of a layer's channels. @param from rank of its first */
  readonly askChannels: (layer: string, from: number) => void;
  /** Asks for the pictures of a preprocessing step, once. */
  readonly askStep: (step: number) => void;
}

/** What maps are drawn from: changes seldom, while the panel's state does with every message. */
export interface Painting extends Pick<Panel, 'painter' | 'queue' | 'stage' | 'requests' | 'crop'> {
  readonly maps: Maps;
  readonly mapsFailure: Failure | null;
  readonly base: string;
  readonly display: View['display'];
  readonly palette: View['palette'];
  /** Of the picture that the network was given, in pixels; 0 before it is known. */
  readonly width: number;
  readonly height: number;
}

export const PaintingContext = createContext<Painting | null>(null);

export function usePainting(): Painting {
  const painting = useContext(PaintingContext);
  if (!painting) throw new Error('A picture was rendered outside the panel.');
  return painting;
}

export const PanelContext = createContext<Panel | null>(null);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error('A view was rendered outside the panel.');
  return panel;
}

/** Of the picture that the network was given, in pixels; 0 before it is known. */
export function cropSize(state: PanelState): { readonly width: number; readonly height: number } {
  const crop = shownReport(state)?.detection?.crop;
  return { width: crop?.size ?? 0, height: crop?.height ?? crop?.size ?? 0 };
}

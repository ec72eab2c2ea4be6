/** What the pointer does on the picture. */
import { t } from '../../l10n';
import type { Fill } from '../../../../protocol/strokes';
import type { Size } from '../../state/hand';

export type Tool = 'face' | 'box' | 'color' | 'blur';

interface ToolRow {
  readonly title: string;
  /** Ends the tooltip, behind the title. */
  readonly help: string;
  /** How it is done with the keyboard. */
  readonly keys: string;
}

const BRUSH_KEYS = t('Arrow keys move the brush, the space bar lowers and lifts it.');

export const tools: Readonly<Record<Tool, ToolRow>> = {
  face: {
    title: t('Face'),
    help: t('choose another of the faces that were found'),
    keys: t('Tab to a face and press Enter to choose it.'),
  },
  box: {
    title: t('Box'),
    help: t('draw where the network looks'),
    keys: t('Enter draws a box; arrow keys move it, with Shift they resize it, with Alt in larger steps.'),
  },
  color: { title: t('Color'), help: t('paint over with a color'), keys: BRUSH_KEYS },
  blur: { title: t('Blur'), help: t('paint over with a blur'), keys: BRUSH_KEYS },
};
export const TOOLS: readonly Tool[] = ['face', 'box', 'color', 'blur'];

export interface Brush {
  /** Pixels of the picture. */
  readonly radius: number;
  readonly color: readonly [number, number, number];
  /** As in protocol/strokes.ts. */
  readonly blur: number;
}

export const firstBrush = ({ width, height }: Size): Brush => {
  const side = Math.min(width, height);
  return {
    radius: Math.max(1, Math.round(side / 16)),
    color: [128, 128, 128],
    blur: Math.max(2, Math.min(Math.round(side / 24), 500)),
  };
};

export const largestRadius = ({ width, height }: Size): number =>
  Math.max(2, Math.round(Math.min(width, height) / 3));
export const largestBlur = ({ width, height }: Size): number =>
  Math.max(2, Math.min(Math.round(Math.min(width, height) / 6), 500));

export const fillOf = (tool: 'color' | 'blur', { color, blur }: Brush): Fill =>
  tool === 'color' ? { color } : { blur };

export const toHex = (color: readonly number[]): string =>
  `#${color.map((level) => level.toString(16).padStart(2, '0')).join('')}`;

export const fromHex = (text: string): Brush['color'] => {
  const levels = [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  const [r = 0, g = 0, b = 0] = levels;
  return [r, g, b];
};

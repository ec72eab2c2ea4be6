/** The input picture, large, with what was found and drawn on it. */
import type { BoxReport, FaceReport } from '../../../../protocol/report';
import { isSame, type Drawing } from '../../state/hand';
import { t } from '../../l10n';
import { percent } from '../../text/numbers';
import type { Base } from './useBase';
import { Surface } from './Surface';
import { tools, type Brush, type Tool } from './tool';
import { useKeys } from './useKeys';
import { usePointer } from './usePointer';

export interface StageProps {
  readonly base: Base;
  readonly tool: Tool;
  readonly brush: Brush;
  readonly drawing: Drawing;
  /** What is under way, over the drawing. */
  readonly draft: Partial<Drawing> | null;
  readonly faces: readonly FaceReport[];
  /** Where the network looks now; null where that is not known. */
  readonly looked: { readonly box: BoxReport | null; readonly crop: BoxReport } | null;
  /** What the lines mean, below the picture. */
  readonly note: string;
  readonly onDraft: (draft: Partial<Drawing> | null) => void;
  readonly onDrawn: (change: Partial<Drawing>) => void;
}

export function Stage(props: StageProps) {
  const { base, tool, brush, drawing, draft, faces, looked, onDrawn } = props;
  const { size } = base;
  const { width, height } = size;
  const pointer = usePointer({ size, ...props });
  const keys = useKeys({ size, ...props });
  const shown = { ...drawing, ...draft };
  const brushAt = tool === 'color' || tool === 'blur' ? (pointer.at ?? keys.cursor) : null;
  return (
    <div class="hand-picture" style={{ '--ratio': String(width / height) }}>
      <div
        class={`hand-stage hand-stage-${tool}`}
        style={{ aspectRatio: `${width} / ${height}` }}
        role="application"
        aria-label={t('The input picture')}
        aria-describedby="hand-help"
        tabIndex={0}
        {...pointer.handlers}
        {...keys.handlers}
      >
        <Surface base={base} strokes={shown.strokes} />
        <svg class="drawing" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          {looked && <Outline box={looked.crop} kind="crop" />}
          {shown.box && <Outline box={shown.box} kind="hand" />}
          {brushAt && <circle class="hand-brush" cx={brushAt[0]} cy={brushAt[1]} r={brush.radius} />}
        </svg>
        {shown.box && tool === 'box' && <Corners box={shown.box} base={base} />}
        {faces.map((face, i) => (
          <FaceButton
            key={i}
            {...{ face, base }}
            name={faces.length === 1 ? t('Face') : t('Face {0} of {1}', i + 1, faces.length)}
            used={isSame(looked?.box, face.box)}
            disabled={tool !== 'face'}
            onChoose={() => onDrawn({ box: i === 0 ? null : face.box })}
          />
        ))}
      </div>
      <p class="small">{props.note}</p>
      <p id="hand-help" class="muted small">
        {tools[tool].keys}
      </p>
      <p class="unseen" role="status">
        {keys.announced}
      </p>
    </div>
  );
}

function Outline({
  box: [x0, y0, x1, y1],
  kind,
}: {
  readonly box: BoxReport;
  readonly kind: 'crop' | 'hand';
}) {
  const place = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
  // Twice: what is drawn has to be seen on any picture.
  return (
    <g>
      <rect class="hand-outline-under" {...place} />
      <rect class={`hand-outline hand-outline-${kind}`} {...place} />
    </g>
  );
}

const share = (value: number, whole: number): string => `${(100 * value) / whole}%`;

function Corners({ box: [x0, y0, x1, y1], base }: { readonly box: BoxReport; readonly base: Base }) {
  const { width, height } = base.size;
  const corners = [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ] as const;
  return (
    <>
      {corners.map(([x, y], i) => (
        <span key={i} class="hand-corner" style={{ left: share(x, width), top: share(y, height) }} />
      ))}
    </>
  );
}

interface FaceButtonProps {
  readonly face: FaceReport;
  readonly base: Base;
  readonly name: string;
  readonly used: boolean;
  readonly disabled: boolean;
  readonly onChoose: () => void;
}

function FaceButton({ face, base, name, used, disabled, onChoose }: FaceButtonProps) {
  const { width, height } = base.size;
  const [x0, y0, x1, y1] = face.box;
  const [left, top] = [Math.max(x0, 0), Math.max(y0, 0)];
  const place = {
    ...{ left: share(left, width), top: share(top, height) },
    ...{ width: share(Math.min(x1, width) - left, width), height: share(Math.min(y1, height) - top, height) },
  };
  const score = face.score === null ? '' : percent(face.score);
  const label = [name, score, used ? t('analyzed') : '', face.doubt === undefined ? '' : t('in doubt')];
  return (
    <button
      class={used ? 'hand-face hand-face-used' : 'hand-face'}
      style={place}
      aria-pressed={used}
      aria-label={label.filter((part) => part !== '').join(', ')}
      disabled={disabled}
      onClick={onChoose}
    >
      {score !== '' && <span class="hand-score">{score}</span>}
    </button>
  );
}

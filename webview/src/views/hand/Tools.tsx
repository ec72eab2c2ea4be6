/** The tools over the picture: what the pointer does, the brush, and the way back. */
import type { Size } from '../../state/hand';
import { Button, Checkbox } from '../../toolkit';
import { t } from '../../l10n';
import { TOOLS, fromHex, largestBlur, largestRadius, toHex, tools, type Brush, type Tool } from './tool';

export interface ToolsProps {
  readonly tool: Tool;
  readonly brush: Brush;
  readonly size: Size;
  /** Tools that make no sense here are left out. */
  readonly hasFaces: boolean;
  /** Null where no detector could look again. */
  readonly keepsBox: boolean | null;
  readonly can: {
    readonly undo: boolean;
    readonly redo: boolean;
    readonly clear: boolean;
    readonly copy: boolean;
  };
  readonly onTool: (tool: Tool) => void;
  readonly onBrush: (change: Partial<Brush>) => void;
  readonly onKeepBox: (keep: boolean) => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onClear: () => void;
  readonly onCopy: () => void;
}

export function Tools(props: ToolsProps) {
  const { tool, keepsBox, hasFaces, can } = props;
  const shown = TOOLS.filter((id) => id !== 'face' || hasFaces);
  return (
    <div class="hand-tools">
      <div class="hand-group" role="group" aria-label={t('Tool')}>
        {shown.map((id) => (
          <Button
            key={id}
            label={`${tools[id].title}: ${tools[id].help}`}
            pressed={tool === id}
            onClick={() => props.onTool(id)}
          >
            {tools[id].title}
          </Button>
        ))}
      </div>
      <div class="hand-group" role="group" aria-label={t('Changes')}>
        <Button disabled={!can.undo} onClick={props.onUndo}>
          {t('Undo')}
        </Button>
        <Button disabled={!can.redo} onClick={props.onRedo}>
          {t('Redo')}
        </Button>
        <Button disabled={!can.clear} onClick={props.onClear}>
          {t('Clear')}
        </Button>
        <Button
          label={t('Copy strokes as JSON, for --strokes of the command line')}
          disabled={!can.copy}
          onClick={props.onCopy}
        >
          {t('Copy strokes')}
        </Button>
      </div>
      {(tool === 'color' || tool === 'blur') && <BrushFields {...props} />}
      {keepsBox !== null && (
        <Checkbox checked={keepsBox} onChange={props.onKeepBox}>
          {t('Keep the box')}
        </Checkbox>
      )}
    </div>
  );
}

function BrushFields({ tool, brush, size, onBrush }: ToolsProps) {
  return (
    <div class="hand-group" role="group" aria-label={t('Brush')}>
      <Range
        label={t('Size')}
        value={brush.radius}
        most={largestRadius(size)}
        valueText={t('radius {0} pixels', brush.radius)}
        onInput={(radius) => onBrush({ radius })}
      />
      {tool === 'color' ? (
        <label class="hand-field">
          {t('Color')}
          <input
            type="color"
            value={toHex(brush.color)}
            onInput={(event) => onBrush({ color: fromHex(event.currentTarget.value) })}
          />
        </label>
      ) : (
        <Range
          label={t('Strength')}
          value={brush.blur}
          most={largestBlur(size)}
          valueText={t('mean of {0} by {0} pixels', 2 * brush.blur + 1)}
          onInput={(blur) => onBrush({ blur })}
        />
      )}
    </div>
  );
}

interface RangeProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly valueText: string;
  readonly onInput: (value: number) => void;
}

function Range({ label, value, most, valueText, onInput }: RangeProps) {
  return (
    <label class="hand-field">
      {label}
      <input
        type="range"
        min={1}
        max={most}
        value={value}
        aria-valuetext={valueText}
        onInput={(event) => onInput(Number(event.currentTarget.value))}
      />
      <span class="number hand-value">{value}</span>
    </label>
  );
}

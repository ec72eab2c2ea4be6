/** The columns of a table, declared once for CSV and Parquet. */
import type { Row, TableHead } from '../row';

export type Cell = string | number | boolean | readonly number[] | null;

export interface Column {
  readonly name: string;
  /** `path` is text that names a file; `list` holds numbers. */
  readonly type: 'text' | 'path' | 'integer' | 'real' | 'boolean' | 'list';
  readonly of: (row: Row) => Cell;
}

/** With more classes than this, probabilities are one column of lists. */
export const MOST_CLASS_COLUMNS = 32;

const FIXED: readonly Column[] = [
  { name: 'index', type: 'integer', of: ({ index }) => index },
  { name: 'path', type: 'path', of: ({ path }) => path },
  { name: 'label', type: 'text', of: ({ label }) => label },
  { name: 'label_index', type: 'integer', of: ({ labelIndex }) => labelIndex },
  { name: 'predicted', type: 'text', of: ({ predicted }) => predicted },
  { name: 'predicted_index', type: 'integer', of: ({ predictedIndex }) => predictedIndex },
  { name: 'correct', type: 'boolean', of: ({ correct }) => correct },
  { name: 'confidence', type: 'real', of: ({ confidence }) => confidence },
  { name: 'loss', type: 'real', of: ({ loss }) => loss },
];

const LAST: readonly Column[] = [
  { name: 'warnings', type: 'text', of: ({ warnings }) => warnings.join(' ') || null },
  { name: 'error', type: 'text', of: ({ error }) => error },
  { name: 'width', type: 'integer', of: ({ width }) => width },
  { name: 'height', type: 'integer', of: ({ height }) => height },
  ...['view_x0', 'view_y0', 'view_x1', 'view_y1'].map((name, at): Column => ({
    name,
    type: 'real',
    of: ({ view }) => view?.[at] ?? null,
  })),
  { name: 'sha256', type: 'text', of: ({ sha256 }) => sha256 },
  { name: 'dhash', type: 'text', of: ({ dhash }) => dhash ?? null },
];

const MOMENT: readonly Column[] = [
  { name: 'time', type: 'real', of: ({ moment }) => moment?.time ?? null },
  { name: 'face', type: 'integer', of: ({ moment }) => moment?.face ?? null },
  ...['face_x0', 'face_y0', 'face_x1', 'face_y1'].map((name, at): Column => ({
    name,
    type: 'real',
    of: ({ moment }) => moment?.box?.[at] ?? null,
  })),
];

type Measured = Pick<TableHead, 'layers' | 'attentionBox' | 'attentionMask'>;

export function columnsOf(head: Measured & Pick<TableHead, 'classes' | 'video'>): readonly Column[] {
  const moment = head.video === undefined ? [] : MOMENT;
  return unique([...FIXED, ...moment, ...probabilityColumns(head.classes), ...layerColumns(head), ...LAST]);
}

function probabilityColumns(classes: readonly string[]): readonly Column[] {
  if (classes.length > MOST_CLASS_COLUMNS)
    return [{ name: 'probabilities', type: 'list', of: ({ probabilities }) => probabilities }];
  return classes.map((label, index) => ({
    name: `p_${label}`,
    type: 'real',
    of: ({ probabilities }) => probabilities?.[index] ?? null,
  }));
}

function layerColumns({ layers, attentionBox, attentionMask }: Measured): readonly Column[] {
  return layers.flatMap((layer, at): readonly Column[] => {
    const real = (name: 'x' | 'y' | 'border' | 'box' | 'face' | 'mask'): Column => ({
      name: `heat_${name}:${layer}`,
      type: 'real',
      of: ({ heat }) => heat[at]?.[name] ?? null,
    });
    const box = attentionBox === null ? [] : [real('box')];
    const mask = attentionMask ? [real('mask')] : [];
    return [
      ...[real('x'), real('y'), real('border'), ...box, real('face'), ...mask],
      { name: `heat_grid:${layer}`, type: 'list', of: ({ heat }) => heat[at]?.grid ?? null },
      { name: `health:${layer}`, type: 'text', of: ({ health }) => health[at]?.join(' ') || null },
    ];
  });
}

/** Two classes may share a name, and a class may have the name of another column. */
function unique(columns: readonly Column[]): readonly Column[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let number = 2; taken.has(name); number++) name = `${column.name}_${number}`;
    taken.add(name);
    return { ...column, name };
  });
}

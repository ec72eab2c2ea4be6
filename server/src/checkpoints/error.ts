/** The one error of this folder: which file, which part of it, which byte, what is wrong, and what to do. */
import { basename } from 'node:path';
import type { FailureCode } from '../../../protocol/failure-codes';
import { LensError } from '../errors';
import type { LensErrorOptions } from '../errors';

/** A place bytes come from: a file, or a member of the archive that the file is. */
export interface Where {
  readonly file: string;
  readonly member?: string;
}

export interface CheckpointErrorOptions {
  /** Position of the offending byte in the file, or in the member where there is one. */
  readonly offset?: number;
  /** `damaged` by default. */
  readonly kind?: CheckpointProblem;
  /** Whether the reason is a whole sentence about the file, which is then named without its folders. */
  readonly headline?: true;
  /** By default the kind's own. */
  readonly fix?: string;
  readonly remedies?: LensErrorOptions['remedies'];
  readonly cause?: unknown;
  /** The Python global that opening this file with Python's pickle would call. */
  readonly executes?: string;
}

/**
 * Why a file is not read: it is not what it was written as, it holds what is not read here, it asks for more memory than
 * any checkpoint needs, or it would run code in Python.
 */
export type CheckpointProblem = 'damaged' | 'unsupported' | 'too-large' | 'hostile';

const codes = {
  damaged: 'model-damaged',
  unsupported: 'model-unsupported',
  'too-large': 'model-too-large',
  hostile: 'model-unsafe',
} as const satisfies Readonly<Record<CheckpointProblem, FailureCode>>;

const fixes: Readonly<Record<CheckpointProblem, string>> = {
  damaged: 'Download or copy the file again; if it still fails, the file itself is damaged.',
  unsupported:
    'Save a state dict of plain tensors where the network was trained, with ' +
    "torch.save(model.state_dict(), 'weights.pth'), or use a safetensors or ONNX file.",
  'too-large': 'No network supported here needs that much. Use a file that holds only the weights.',
  hostile: 'Do not open this file in Python. Get the weights from a source you trust.',
};

/**
 * Thrown for every file that cannot be read, for whatever reason. `reason` is the message without its place:
 * the message is `<file>: <reason> (<member>, byte <offset>)`.
 */
export class CheckpointError extends LensError {
  override readonly name = 'CheckpointError';
  readonly offset: number | undefined;
  readonly executes: string | undefined;
  readonly problem: CheckpointProblem;

  constructor(
    readonly where: Where,
    readonly reason: string,
    options: CheckpointErrorOptions = {},
  ) {
    const sentence = `${reason}${place(where, options.offset)}`;
    super('model', options.headline ? `${basename(where.file)} ${sentence}.` : `${where.file}: ${sentence}`, {
      code: codes[options.kind ?? 'damaged'],
      fix: options.fix ?? fixes[options.kind ?? 'damaged'],
      ...(options.remedies === undefined ? {} : { remedies: options.remedies }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.offset = options.offset;
    this.executes = options.executes;
    this.problem = options.kind ?? 'damaged';
  }
}

function place(where: Where, offset: number | undefined): string {
  const parts: string[] = [];
  if (where.member !== undefined) parts.push(`in ${quoted(where.member)}`);
  if (offset !== undefined) parts.push(`byte ${offset}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** A name out of a file, safe to print: control characters escaped, shortened. */
export function quoted(text: string, limit = 120): string {
  const short = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A list of names out of a file, safe to print: the first few, and how many more there are. */
export function nameList(names: readonly string[], limit = 8): string {
  const shown = names.slice(0, limit).map((name) => quoted(name, 60));
  if (names.length > limit) shown.push(`and ${names.length - limit} more`);
  return shown.join(', ');
}

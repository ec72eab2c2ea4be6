/** What a panel remembered before the window was reloaded, checked: it comes from storage, so it may be anything. */
import { isAbsolute } from 'node:path';
import type { Failure, Remedy } from '../../../protocol/failure';
import { isFailureCode } from '../../../protocol/failure-codes';

export interface Remembered {
  readonly image: string | null;
  /** Absolute path of the report folder. */
  readonly folder: string | null;
  /** The failure that was still in view. */
  readonly failure: Failure | null;
}

export function readMemory(kept: unknown): Remembered {
  const path = (key: 'image' | 'folder'): string | null => {
    if (kept === null || typeof kept !== 'object' || !(key in kept)) return null;
    const value = (kept as Record<string, unknown>)[key];
    return typeof value === 'string' && isAbsolute(value) ? value : null;
  };
  const failure = kept !== null && typeof kept === 'object' && 'failure' in kept ? kept.failure : null;
  return { image: path('image'), folder: path('folder'), failure: readFailure(failure) };
}

const KINDS: Readonly<Record<Failure['kind'], true>> = {
  ...{ usage: true, image: true, model: true, device: true, output: true, cancelled: true, internal: true },
};

/** Longer than any message of ours. */
const MOST_TEXT = 20_000;

/** The words and, as far as they are known ones, the buttons; a download or removal is not offered from memory. */
function readFailure(kept: unknown): Failure | null {
  if (kept === null || typeof kept !== 'object') return null;
  const { kind, message, fix, remedies, code } = kept as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_TEXT;
  if (!isText(kind) || !Object.hasOwn(KINDS, kind) || !isText(message)) return null;
  return {
    ...{ kind: kind as Failure['kind'], message, fix: isText(fix) ? fix : null },
    // Kept by a version that had none, or another.
    code: isFailureCode(code) ? code : (kind as Failure['kind']),
    ...(Array.isArray(remedies) ? { remedies: remedies.flatMap(readRemedy) } : {}),
  };
}

function readRemedy(kept: unknown): Remedy[] {
  if (kept === null || typeof kept !== 'object' || !('do' in kept) || typeof kept.do !== 'string') return [];
  if (kept.do === 'choose-state-dict') {
    const names = 'names' in kept && Array.isArray(kept.names) ? (kept.names as unknown[]) : [];
    const texts = names.filter(
      (name): name is string => typeof name === 'string' && name.length <= MOST_TEXT,
    );
    return texts.length === 0 ? [] : [{ do: 'choose-state-dict', names: texts }];
  }
  return kept.do === 'download-model' || kept.do === 'remove-model' ? [] : [{ do: kept.do } as Remedy];
}

/** JSON of files beside a model: bounded, and asked key by key for what it should hold. */
import { jsonExcess } from '../../../../protocol/json-bounds';

const BOUNDS = { depth: 16, values: 500_000, text: 10_000 } as const;

export type Json = Readonly<Record<string, unknown>>;

/** Null where the text is no JSON object, or one of unlikely depth or size. */
export function jsonObject(text: string): Json | null {
  const clean = text.replace(/^\uFEFF/, '');
  if (jsonExcess(clean, BOUNDS) !== null) return null;
  try {
    const value: unknown = JSON.parse(clean);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Null where the key is not there, or holds something else: so too in those below. */
export function objectAt(json: Json, key: string): Json | null {
  const value = own(json, key);
  return isObject(value) ? value : null;
}

export function numberAt(json: Json, key: string): number | null {
  const value = own(json, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function textAt(json: Json, key: string): string | null {
  const value = own(json, key);
  return typeof value === 'string' ? value : null;
}

export function flagAt(json: Json, key: string): boolean | null {
  const value = own(json, key);
  return typeof value === 'boolean' ? value : null;
}

export function numbersAt(json: Json, key: string): readonly number[] | null {
  return numbersIn(own(json, key));
}

export function textsAt(json: Json, key: string): readonly string[] | null {
  const value = own(json, key);
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
    ? value
    : null;
}

export const numbersIn = (value: unknown): readonly number[] | null =>
  Array.isArray(value) && value.length > 0 && value.every((item) => Number.isFinite(item))
    ? (value as readonly number[])
    : null;

const own = (json: Json, key: string): unknown => (Object.hasOwn(json, key) ? json[key] : undefined);

/** A side in pixels that a network may have. */
export const isSide = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 16384;

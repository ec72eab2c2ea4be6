/** Types of native.mjs. */
export function nativeTarget(bytes: Uint8Array): string | null;

/** Types of targets.mjs. */
export interface Target {
  readonly name: string;
  readonly platform: string;
  readonly arch: string;
  readonly runtimeFiles: readonly string[];
  readonly nativePackages: readonly string[];
}
export const targets: Readonly<Record<string, Target>>;
export const refused: Readonly<Record<string, string>>;
export function findTarget(name: string): Target;

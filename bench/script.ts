/** What a bench script is: it prints its section's Markdown on standard output, and what it is busy with on standard error. */
import { parseArgs } from 'node:util';

export interface Effort {
  /** How often each thing is measured. */
  readonly repeats: number;
  /** Just enough to see that it works; its figures are worth nothing. */
  readonly quick: boolean;
}

/** `--repeats N` and `--quick`, which every script takes. */
export const effortOptions = {
  repeats: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const;

/** @throws Error if `--repeats` is not a positive whole number */
export function effortOf(
  values: { readonly repeats?: string | undefined; readonly quick: boolean },
  usual: number,
): Effort {
  const repeats = Number(values.repeats ?? (values.quick ? 2 : usual));
  if (!Number.isInteger(repeats) || repeats < 1)
    throw new Error(`--repeats expects a whole number from 1; found "${values.repeats ?? ''}".`);
  return { repeats, quick: values.quick };
}

/** For scripts with no other options. */
export function readEffort(usual: number): Effort {
  return effortOf(parseArgs({ options: effortOptions }).values, usual);
}

export const busy = (what: string): void => void process.stderr.write(`  ${what}\n`);

/** Runs the script's one function and prints what it returns. */
export function main(measure: () => Promise<string>): void {
  measure().then(
    (markdown) => void process.stdout.write(`${markdown}\n`),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

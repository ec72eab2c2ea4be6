/**
 * What one pickle may ask for: enough for some 40,000 tensors, tenfold what the largest image models keep with their
 * optimizer. A hostile pickle reaches a limit before the process has taken 512 MiB.
 */
export const pickleLimits = {
  /** Bytes of pickle, tensors' contents not included. */
  bytes: 32 << 20,
  /** Opcodes run. */
  steps: 10_000_000,
  /** Bytes of one text string. */
  stringBytes: 16 << 20,
  /** Bytes of one module, class or memo name in the line-based opcodes. */
  lineBytes: 4096,
  /** Bytes of one arbitrary-precision integer. */
  integerBytes: 128,
  /** Values waiting on the stack. */
  stack: 500_000,
  /** MARKs that are open at once. */
  marks: 1000,
  /** Containers inside containers. */
  depth: 256,
  /** Items of one list, tuple, set or dict. */
  containerItems: 500_000,
  /** Items of all of them together, counted each time one is put somewhere. */
  totalItems: 2_000_000,
  /** Containers, tensors and other objects created. */
  objects: 500_000,
  /** Entries of the memo. */
  memo: 500_000,
} as const;

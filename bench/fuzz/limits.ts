/** What no input may make the product take. */
export const limits = Object.freeze({
  /** CPU time of one case, over all threads. */
  seconds: 2,
  /** More of it for every layer of a report that came out: gradients and two pictures each are work that was requested. */
  secondsPerLayer: 0.01,
  /** Wall clock of one case: the machine may be busy. */
  clockSeconds: 60,
  /** Peak resident set above the idle process, in bytes. */
  bytes: 512 * 2 ** 20,
  /** Above this the worker is killed, so that a fault does not take the machine down. */
  killBytes: 3 * 2 ** 30,
});

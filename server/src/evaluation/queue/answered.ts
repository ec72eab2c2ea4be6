/** Steps of several commands, which the client does not repeat by itself if the connection is lost between their answers. */

const ABORTED = /aborted due to connection close/;

/** Repeats a step that was cut off until its answer is there. It may run twice, which must make no difference. */
export async function answered<T>(step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (thrown) {
      if (!(thrown instanceof Error) || !ABORTED.test(thrown.message)) throw thrown;
    }
  }
}

/** Several sessions of one graph as one: runs that are requested at the same time go to different threads. */
import type { Session } from './session';

/** @param sessions at least one; each in a thread of its own */
export function poolOf(sessions: readonly [Session, ...Session[]]): Session {
  const [first] = sessions;
  const waiting = sessions.map(() => 0);
  return {
    ...first,
    async run(feeds, fetch) {
      const at = waiting.indexOf(Math.min(...waiting));
      waiting[at] = (waiting[at] as number) + 1;
      try {
        return await (sessions[at] as Session).run(feeds, fetch);
      } finally {
        waiting[at] = waiting[at] - 1;
      }
    },
    async dispose() {
      await Promise.all(sessions.map((session) => session.dispose()));
    },
  };
}

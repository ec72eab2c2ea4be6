/** A reporter of Node's test runner: the tests that failed, each with its file and its message, for the end of a long log. */

const FIRST_LINES = 6;

/** The message of the test itself: errors of a parent only count their children. */
function reasonOf(error) {
  const message = error?.cause?.message ?? error?.cause ?? error?.message ?? error;
  return String(message).split('\n').slice(0, FIRST_LINES).join('\n    ');
}

export default async function* failedTests(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.details?.error?.failureType === 'subtestsFailed') continue;
    yield `  ${data.file ?? ''}: ${data.name}\n    ${reasonOf(data.details?.error)}\n`;
  }
}

/** What VS Code has stored of a window in its browser, and so finds again after a reload. */
import type { Page } from 'playwright-core';

/** VS Code writes every five seconds, when nothing else is to be done: on a machine with much else to do that may be minutes later. */
const MOST = 180_000;

/** Every value of every state database, in the page's own JavaScript; each with its key before it. */
const READ = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db-')) continue;
    const database = await done(indexedDB.open(name));
    try {
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table, 'readonly').objectStore(table);
        const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
        keys.forEach((key, index) => found.push(key + ' ' + values[index]));
      }
    } finally {
      database.close();
    }
  }
  return found;
})()`;

/** Waits until a stored key and its value together match. Closing a window does not write it: VS Code in a browser cannot wait then. */
export async function stored(page: Page, entry: RegExp): Promise<void> {
  for (const until = Date.now() + MOST; ;) {
    const entries = await page.evaluate<readonly string[]>(READ);
    if (entries.some((each) => entry.test(each))) return;
    if (Date.now() > until) throw new Error(`VS Code has stored nothing that matches ${String(entry)}.`);
    await page.waitForTimeout(250);
  }
}

/** How long a page takes to show what it is sent, and to scroll: measured in the page, from frame to frame. */

/**
 * In the page: sends a message to itself, and answers how many milliseconds it takes until all of these are painted.
 * @param message in JavaScript. @param selectors of elements that have to be there
 */
export const opening = (message: string, ...selectors: readonly string[]): string => `(async () => {
  const message = ${message};
  const start = performance.now();
  window.postMessage(message);
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  while (!${JSON.stringify(selectors)}.every((selector) => document.querySelector(selector))) await frame();
  await frame();
  return performance.now() - start;
})()`;

/** In the page: scrolls to the end in steps, one per frame; answers the longest and the mean time between frames, and the most of these elements that are in the page at once. */
export const scrolling = (selector: string): string => `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  let most = 0;
  let last = await frame();
  for (let i = 0; i < 120; i++) {
    window.scrollBy(0, 1200);
    const now = await frame();
    times.push(now - last);
    last = now;
    most = Math.max(most, document.querySelectorAll(${JSON.stringify(selector)}).length);
  }
  return [Math.max(...times), times.reduce((sum, time) => sum + time, 0) / times.length, most];
})()`;

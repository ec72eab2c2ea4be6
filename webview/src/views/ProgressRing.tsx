/** Turns beside words that say what is waited for. The toolkit's own keeps a core busy while it turns. */
export function ProgressRing() {
  return <span class="ring" aria-hidden="true" />;
}

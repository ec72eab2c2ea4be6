/** A share of one as a bar. The number stands beside it, so the bar itself is silent. */

export function Bar({ share }: { readonly share: number }) {
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width={100} height={8} />
      <rect class="bar-value" width={Number.isFinite(share) ? 100 * share : 0} height={8} />
    </svg>
  );
}

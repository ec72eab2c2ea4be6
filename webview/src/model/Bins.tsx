/** A histogram as bars; its numbers are said beside it. */
export function Bins({
  counts,
  width,
  height,
}: {
  readonly counts: readonly number[];
  readonly width: number;
  readonly height: number;
}) {
  const most = Math.max(1, ...counts);
  const step = width / counts.length;
  return (
    <svg class="bins" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {counts.map((count, i) => {
        const bar = (count / most) * height;
        return <rect key={i} x={i * step} y={height - bar} width={Math.max(0.5, step - 0.5)} height={bar} />;
      })}
    </svg>
  );
}

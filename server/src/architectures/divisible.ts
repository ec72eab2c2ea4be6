/** The nearest multiple of `by`, but not below 90%: the rule for channel counts of TensorFlow's MobileNets, which torchvision and timm have as _make_divisible. */
export function divisible(value: number, by = 8): number {
  const nearest = Math.max(by, Math.floor((value + by / 2) / by) * by);
  return nearest < 0.9 * value ? nearest + by : nearest;
}

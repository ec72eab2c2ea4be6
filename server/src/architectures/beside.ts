/** Distinguishes tensors beside a network (averages, losses, metrics, a second copy) from those that would change it. */
import type { Shape } from './state-dict';

/** Segments under which training code keeps what no forward pass reads. */
const BOOKKEEPING =
  /^(crit|criterions?|\w*loss(es)?(_\w+)?|(\w+_)?metrics?|(\w+_)?(acc|accuracy|auroc|auc|precision|recall|f1|eer)(_\w+)?|conf\w*mat\w*|optim\w*|\w*scheduler\w*|scaler|n_averaged|num_updates|(global_|train_)?steps?|epochs?|iters?|iterations?|best_\w+|(ema_)?decay|(train|val|valid|validation|test)_\w+|(pos|class|sample)_weights?|bce|ce)$/i;

/** Modules without parameters in the library: one that has some computes something else. */
const FORWARD =
  /^(avg_?pool\w*|max_?pool\w*|\w*pool\w*|gem|relu\w*|act\w*|prelu\w*|drop\w*|_?swish|flatten|\w*norm\w*|bn\w*|att\w*|se|cbam|ca|sa|neck|bottleneck)$/i;

/** Longer segments come from damaged or hostile files, and the expressions above take the square of a length. */
const LONGEST_SEGMENT = 64;

const matches = (word: RegExp, segment: string): boolean =>
  segment.length <= LONGEST_SEGMENT && word.test(segment);

/** Whether the name says that the tensor belongs to training, not to the network. */
export function isBookkeeping(name: string): boolean {
  return name.split('.').some((segment) => matches(BOOKKEEPING, segment));
}

/** Whether a tensor is too small to be a layer's: a counter, a weight for each class, a mean for each color. */
export function isSmall(name: string, shape: Shape, classes: number): boolean {
  const modules = name.split('.').slice(0, -1);
  if (modules.some((segment) => matches(FORWARD, segment))) return false;
  return shape.every((length) => length === 1 || length === 3 || length === classes);
}

/** The part of `copy` that sets it apart from `prefix`: `teacher.` of `teacher.backbone.` beside `student.backbone.`. */
export function copyRoot(copy: string, prefix: string): string {
  const segments = copy.split('.').slice(0, -1);
  const own = prefix.split('.').slice(0, -1);
  let same = 0;
  while (same < own.length && same < segments.length - 1 && own[same] === segments[same]) same++;
  return segments
    .slice(0, same + 1)
    .map((segment) => `${segment}.`)
    .join('');
}

/** From this many names of one module on, the module is named instead. */
const GROUPED = 4;

/** Names for a sentence: copies and larger modules are one word each. */
export function summarizeNames(names: readonly string[], copies: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const copy = copies.find((root) => root !== '' && name.startsWith(root));
    const dot = name.indexOf('.');
    const group = copy ?? (dot < 0 ? name : name.slice(0, dot + 1));
    const members = groups.get(group) ?? [];
    members.push(name);
    groups.set(group, members);
  }
  return [...groups].flatMap(([group, members]) =>
    members.length >= GROUPED ? [`${group}* (${members.length} tensors)`] : members,
  );
}

/** A worker's own network and pictures, which have to be those of the queue. */
import type { AnalysisOptions } from '../../../../protocol/options';
import type { Workbench } from '../../pipeline/workbench/workbench';
import { LensError } from '../../errors';
import { difference } from '../head';
import type { Looking } from '../look';
import { requireMasks } from '../masks';
import { openSubject } from '../subject';
import type { Plan } from './plan';
import { requireSight } from './sight';

/** What a machine has elsewhere than the one that filled the queue. */
export interface OwnWays {
  /** What is said here takes the place of what the queue says. */
  readonly options: Partial<AnalysisOptions>;
  /** Folder of the pictures on this machine, and of the masks; null for where the queue says. */
  readonly root: string | null;
  readonly masks: string | null;
}

/** @throws LensError that names what differs */
export async function openLooking(
  plan: Plan,
  { options, root: ownRoot, masks }: OwnWays,
  bench: Workbench,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Looking> {
  const root = ownRoot ?? plan.root;
  await requireSight(root, plan);
  const attentionMask = plan.attentionMask === null ? null : requireMasks(masks ?? plan.attentionMask);
  const wanted = { ...plan.options, ...options };
  const subject = await openSubject(root, wanted, bench, {
    signal,
    allowHuge: plan.allowHuge,
    trusted: true,
  });
  try {
    const { sha256, name } = subject.head.model;
    const { model } = plan.head;
    if (sha256 !== model.sha256) {
      throw new LensError(
        'model',
        `${wanted.weights ?? name}: expected the weights that the queue was filled with, SHA-256 ${model.sha256}; found ${sha256}.`,
        { fix: 'Copy the file from the machine that filled the queue.', remedies: ['choose-weights'] },
      );
    }
    // A copy may have another name; what concerns the whole set is the queue's to say.
    const { attentionBox, attentionMask: isMasked, labelled, set } = plan.head;
    const own = { ...subject.head, model: { ...subject.head.model, name: model.name } };
    const other = difference(plan.head, { ...own, attentionBox, attentionMask: isMasked, labelled, set });
    if (other !== null) {
      throw new LensError(
        'usage',
        `The queue was filled with something else than this worker would compute: its ${other}.`,
        {
          fix: 'Run the same version of Inference Lens everywhere, on devices of the same kind, with the same lens.',
        },
      );
    }
    for (const { message } of subject.warnings) note(message);
    return { root, subject, head: plan.head, attentionBox, attentionMask };
  } catch (thrown) {
    subject.done();
    throw thrown;
  }
}

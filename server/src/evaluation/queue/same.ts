/** A worker's own network and pictures, which have to equal those of the queue. */
import type { AnalysisOptions } from '../../../../protocol/options';
import type { Workbench } from '../../pipeline/workbench/workbench';
import { LensError } from '../../errors';
import { difference } from '../head';
import type { Looking } from '../look';
import { requireMasks } from '../masks';
import { openSubject } from '../subject';
import type { Plan } from './plan';
import { requireSight } from './sight';

/** Paths on this machine that differ from those of the machine that filled the queue. */
export interface OwnWays {
  /** Overrides of the queue's options. */
  readonly options: Partial<AnalysisOptions>;
  /** Folder of the pictures on this machine, and of the masks; null for the queue's own. */
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
    const { sha256, name, beside = [] } = subject.head.model;
    const { model } = plan.head;
    if (sha256 !== model.sha256) {
      throw new LensError(
        'model',
        `${wanted.weights ?? name}: expected the weights that the queue was filled with, SHA-256 ${model.sha256}; found ${sha256}.`,
        { fix: 'Copy the file from the machine that filled the queue.', remedies: ['choose-weights'] },
      );
    }
    if (beside.join() !== (model.beside ?? []).join()) {
      throw new LensError(
        'model',
        `${wanted.weights ?? name}: expected the weights that the queue was filled with, found other files beside it that hold them.`,
        { fix: 'Copy them from the machine that filled the queue, too.', remedies: ['choose-weights'] },
      );
    }
    // A copy may have another name; what concerns the whole set comes from the queue.
    const { attentionBox, attentionMask: isMasked, labelled, set } = plan.head;
    const own = { ...subject.head, model: { ...subject.head.model, name: model.name } };
    const other = difference(plan.head, { ...own, attentionBox, attentionMask: isMasked, labelled, set });
    if (other !== null) {
      throw new LensError(
        'usage',
        `The queue was filled for something other than what this worker would compute: they differ in their ${other}.`,
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

/**
 * Completion and hover in damaged lenses: nothing is thrown, what is proposed can be inserted and is valid where it stands, and what is said
 * of a value is what the resolved lens has.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LensModel } from '../../../protocol/lens-check';
import { completeLens, type Surroundings } from '../../../server/src/language/lens/completion';
import { TextDocument } from '../../../server/src/language/text-document';
import { readLensText } from '../../../server/src/lens/problems';
import { lensSchema } from '../../../server/src/lens/schema';
import type { Fuzzer, Outcome } from '../kind';
import { Random } from '../random';
import { hoverFault } from './hover';
import { examinedModel } from './model';
import { damaged, valueOf, written } from './mutate';
import { proposalFault } from './proposal';

/** Cursors of a text, and proposals at each, that are tried. */
const CURSORS = 12;
const PROPOSALS = 5;

export async function openLensFuzzer(): Promise<Fuzzer> {
  const model = await examinedModel();
  return {
    make(random, folder) {
      const text = damaged(written(valueOf(lensSchema(), random), random), random);
      const path = join(folder, `${random.below(2 ** 31)}.lens.json`);
      writeFileSync(path, text);
      return Promise.resolve({ sample: 'a lens', path });
    },
    attempt: ({ path }) => attempt(path, model),
  };
}

async function attempt(path: string, model: LensModel): Promise<Outcome> {
  const text = readFileSync(path, 'utf8');
  const document = new TextDocument('file:///best.lens.json', 'json', 1, text);
  const random = new Random(text.length, 1);
  const around: Surroundings = {
    model: () => Promise.resolve(random.below(2) === 0 ? model : null),
    filesIn: (below) => Promise.resolve([`${below}weights/`, `${below}best.onnx`, `${below}labels.txt`]),
  };
  const isLens = readLensText(text, '/best.lens.json').lens !== null;
  for (let i = 0; i < CURSORS; i++) {
    const offset = random.below(text.length + 1);
    const items = [...(await completeLens(document, offset, around))];
    for (let tries = 0; tries < PROPOSALS && items.length > 0; tries++) {
      const [item] = items.splice(random.below(items.length), 1);
      const fault = item === undefined ? null : proposalFault(document, offset, item);
      if (fault !== null) return { outcome: fault, accepted: isLens, broken: true };
    }
    const fault = hoverFault(document, offset, model, isLens);
    if (fault !== null) return { outcome: fault, accepted: isLens, broken: true };
  }
  return { outcome: isLens ? 'a lens' : 'no lens', accepted: isLens, broken: false };
}

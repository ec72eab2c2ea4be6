/** Asks for every script of a report, as the panel would: one line of JSON each. Run by check.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../../protocol/report';
import type { SnippetQuestion } from '../../../server/src/pipeline/snippet/snippet';
import { pythonSnippet } from '../../../server/src/pipeline/snippet/snippet';
import { ModelStore } from '../../../server/src/store/store';

const [folder = '', every = '1'] = process.argv.slice(2);

async function main(): Promise<void> {
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
  const maps = readFileSync(join(folder, report.mapsFile));
  const values = ({ offset, width, height }: { offset: number; width: number; height: number }): number[] =>
    Array.from({ length: width * height }, (_, i) => maps.readFloatLE(offset + 4 * i));
  const ask = async (
    question: Omit<SnippetQuestion, 'folder'>,
    expected: readonly unknown[],
  ): Promise<void> => {
    const snippet = await pythonSnippet({ folder, ...question }, new ModelStore());
    process.stdout.write(`${JSON.stringify({ ...question, ...snippet, expected })}\n`);
  };
  const none = { layer: null, method: null, channel: null };
  await ask({ ...none, subject: 'verdict' }, report.classifier.probabilities ?? report.classifier.logits);
  for (const [i, layer] of report.layers.entries()) {
    if (i % Number(every) !== 0 && i !== report.layers.length - 1) continue;
    const of = { ...none, layer: layer.name };
    await ask({ ...of, subject: 'activation' }, values(layer.activation.map));
    for (const { method, map } of layer.heatmaps)
      await ask({ ...of, subject: 'heatmap', method }, values(map));
    // A script prints the channel's weight last; the report has it.
    const channel = layer.channelWeights.width - 1;
    await ask({ ...of, subject: 'channel', channel }, [values(layer.channelWeights)[channel]]);
  }
}

void main();

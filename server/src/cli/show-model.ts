/** `inference-lens models show`: a card, or stored weights tensor by tensor. */
import { dirname } from 'node:path';
import { openCheckpoint } from '../checkpoints/open';
import { LensError } from '../errors';
import { readModel } from '../onnx/read';
import { real } from '../pipeline/steps/tensor';
import type { ModelCard } from '../store/card';
import { readCards } from '../store/card';
import type { StoredModel } from '../store/entry';
import type { TensorStatistics } from '../store/statistics';
import { initializerStatistics, tensorStatistics } from '../store/statistics';
import type { ModelStore } from '../store/store';

/** Where lines are written. */
export interface Out {
  readonly say: (line: string) => void;
  readonly sayJson: (value: unknown) => void;
}

type Say = Out['say'];

export async function showModel(
  store: ModelStore,
  id: string,
  json: boolean,
  signal: AbortSignal,
  out: Out,
): Promise<void> {
  const { say, sayJson } = out;
  const card = readCards().find((candidate) => candidate.id === id);
  const stored = await store.find(id);
  if (stored === null && card === undefined) {
    await store.get(id); // throws the error that lists what there is
    return;
  }
  if (json) sayJson({ card: card ?? null, stored });
  else {
    if (card !== undefined) showCard(card, say);
    if (stored === null) say('not in the store');
    else showStored(stored, store.pathOf(stored), say);
  }
  if (stored !== null) await showTensors(stored, store.pathOf(stored), json, signal, out);
}

function showCard({ title, source, license, url, sha256, sha256Prefix, byHand }: ModelCard, say: Say): void {
  say(title);
  say(`source   ${source}`);
  say(`license  ${license}`);
  say(`download ${url ?? byHand ?? 'not possible'}`);
  say(`sha256   ${sha256 ?? (sha256Prefix === undefined ? 'not published' : `${sha256Prefix}...`)}`);
}

function showStored(
  { architecture, task, format, bytes, parameters, sha256, fileName, files, notes }: StoredModel,
  path: string,
  say: Say,
): void {
  say(`network  ${architecture} (${task})`);
  say(`file     ${fileName}, ${format}, ${(bytes / 1e6).toFixed(1)} MB, sha256 ${sha256}`);
  for (const file of files.slice(1))
    say(`and      ${file.name}, ${(file.bytes / 1e6).toFixed(1)} MB, sha256 ${file.sha256}`);
  say(`values   ${parameters}`);
  say(`path     ${path}`);
  for (const note of notes) say(`note     ${note}`);
}

async function showTensors(
  model: StoredModel,
  path: string,
  json: boolean,
  signal: AbortSignal,
  { say, sayJson }: Out,
): Promise<void> {
  const show = (row: TensorStatistics): void => {
    if (json) sayJson(asJson(row));
    else say(asText(row));
  };
  if (model.format === 'onnx') {
    for await (const row of initializerStatistics(await readModel(path), dirname(path))) show(row);
    return;
  }
  const location = model.stateDict === undefined ? {} : { location: model.stateDict };
  const checkpoint = await openCheckpoint(path, { signal, ...location });
  try {
    for await (const row of tensorStatistics(checkpoint, signal)) show(row);
  } catch (thrown) {
    if (thrown instanceof LensError) throw thrown;
    throw new LensError('model', `${path}: ${(thrown as Error).message}`, { cause: thrown });
  } finally {
    await checkpoint.close();
  }
}

function asText({ name, dtype, shape, mean, std, nan, inf }: TensorStatistics): string {
  const numbers = `mean ${mean.toPrecision(4)} std ${std.toPrecision(4)}`;
  const bad = nan + inf > 0 ? `  ${nan} NaN, ${inf} infinite` : '';
  return `${name.padEnd(56)} ${dtype.padEnd(9)} ${`[${shape.join(', ')}]`.padEnd(20)} ${numbers}${bad}`;
}

const asJson = ({ mean, std, ...rest }: TensorStatistics): object => ({
  ...rest,
  mean: real(mean),
  std: real(std),
});

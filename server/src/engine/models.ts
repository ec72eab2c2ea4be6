/** The model store as people see it: stored weights and cards in one list. */
import type { DoctorLine, ModelSummary } from '../../../protocol/requests';
import type { LensError } from '../errors';
import { asLensError } from '../errors';
import type { ModelCard } from '../store/card';
import { readCards } from '../store/card';
import type { StoredModel } from '../store/entry';
import { shipped } from '../store/shipped';
import type { ModelStore } from '../store/store';

/** What needs no import, then what is in the store, then cards whose weights are not. */
export async function listModels(store: ModelStore): Promise<readonly ModelSummary[]> {
  const cards = readCards();
  const stored = await store.list();
  const known = new Set(stored.map(({ id }) => id));
  return [
    trained,
    demo,
    ...stored.map((model) =>
      summarize(
        model,
        cards.find(({ id }) => id === model.id),
      ),
    ),
    ...cards.filter(({ id }) => !known.has(id)).map(summarizeCard),
  ];
}

const trained: ModelSummary = {
  ...{ id: shipped.id, task: 'classifier', architecture: shipped.architecture, title: shipped.title },
  ...{ license: shipped.license, source: shipped.source },
  ...{ installed: true, untrained: false, downloadable: false },
};

const demo: ModelSummary = {
  id: 'demo',
  task: 'classifier',
  architecture: 'efficientnet_pytorch/b5',
  title: 'Untrained demo weights, generated here',
  installed: true,
  untrained: true,
  license: 'MIT',
  source: null,
  downloadable: false,
};

export function summarize(model: StoredModel, card?: ModelCard): ModelSummary {
  return {
    id: model.id,
    task: model.task,
    architecture: model.architecture,
    title: card?.title ?? model.fileName,
    installed: true,
    untrained: false,
    license: card?.license ?? 'unknown',
    source: card?.source ?? null,
    downloadable: false,
    stored: { fileName: model.fileName, bytes: model.bytes, importedAt: model.importedAt },
    ...(model.stateDicts === undefined ? {} : { stateDicts: model.stateDicts }),
  };
}

const summarizeCard = ({ id, task, architecture, title, license, source, url }: ModelCard): ModelSummary => ({
  id,
  task,
  architecture,
  title,
  installed: false,
  untrained: false,
  license,
  source,
  downloadable: url !== null,
});

/** What doctor says of the store. */
export async function modelLines(store: ModelStore): Promise<readonly DoctorLine[]> {
  const broken: DoctorLine[] = [];
  const report = (error: LensError): void => {
    broken.push({ topic: 'model', state: 'problem', text: error.message, ...advice(error) });
  };
  const stored = await store.list(report).catch((thrown: unknown) => {
    report(asLensError(thrown));
    return [];
  });
  const lines = stored.map(({ id, architecture, bytes }) =>
    line(`${id}: ${architecture}, ${Math.round(bytes / 1e6)} MB`),
  );
  const none: DoctorLine = {
    ...line('none imported: pictures are classified by MobileNet V2, faces found by BlazeFace'),
    remedies: [{ do: 'import-file' }],
  };
  return [...(lines.length + broken.length === 0 ? [none] : lines), ...broken];
}

const advice = ({ fix, remedies }: LensError): Pick<DoctorLine, 'fix' | 'remedies'> => ({
  fix: fix ?? null,
  ...(remedies.length === 0 ? {} : { remedies }),
});

const line = (text: string): DoctorLine => ({ topic: 'model', state: 'ok', text, fix: null });

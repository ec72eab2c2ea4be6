/** What an ONNX file says of itself, in its graph and in its metadata: so far, the names of its classes. */
import { labelsInMetadata } from '../label-lists';
import type { ModelFacts, Said } from '../values';

/** Class names that the graph puts beside its probabilities itself. */
export function fromGraph({ proved }: Pick<ModelFacts, 'proved'>): Said | null {
  if (proved === null || proved.labels === null) return null;
  return {
    ...{ origin: 'graph', lens: null, subject: `The graph of ${proved.subject}` },
    values: { labels: { value: proved.labels, detail: `the last operators of ${proved.subject}` } },
  };
}

export function fromMetadata({ metadata, name }: Pick<ModelFacts, 'metadata' | 'name'>): Said | null {
  const found = labelsInMetadata(metadata);
  if (found === null) return null;
  return {
    ...{ origin: 'metadata', lens: null, subject: `The metadata of ${name}` },
    values: {
      labels: { value: found.labels, detail: `${found.key ?? 'labels'} in the metadata of ${name}` },
    },
  };
}

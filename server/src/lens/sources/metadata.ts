/** What an ONNX file says of itself, in its graph and in its metadata. */
import { labelsInMetadata } from '../label-lists';
import type { ModelFacts, LensSource } from '../values';
import { fromImageMetadata } from '../writers/image-metadata';
import { fromModelApi } from '../writers/model-api';
import { fromUltralytics } from '../writers/ultralytics';
import type { Values } from '../writers/writer';

/** Class names that the graph puts beside its probabilities itself. */
export function fromGraph({ proved }: Pick<ModelFacts, 'proved'>): LensSource | null {
  if (proved === null || proved.labels === null) return null;
  return {
    ...{ origin: 'graph', lens: null, subject: `The graph of ${proved.subject}` },
    values: { labels: { value: proved.labels, detail: `the last operators of ${proved.subject}` } },
  };
}

type Facts = Pick<ModelFacts, 'metadata' | 'name' | 'proved'>;

/** What its writer put there: names, and how pictures are prepared. */
export function fromMetadata(facts: Facts): LensSource | null {
  const subject = `the metadata of ${facts.name}`;
  const found = labelsInMetadata(facts.metadata);
  const labels: Values =
    found === null
      ? {}
      : { labels: { value: found.labels, detail: `${found.key ?? 'labels'} in ${subject}` } };
  const written = fromUltralytics(facts, subject) ?? fromModelApi(facts, subject) ?? {};
  return sourceOf(facts, { ...labels, ...written });
}

/** The standard's entries for pictures leave open how they are resized: files beside the model that say it are asked before. */
export function fromImageEntries(facts: Facts): LensSource | null {
  return sourceOf(facts, fromImageMetadata(facts, `the metadata of ${facts.name}`) ?? {});
}

const sourceOf = ({ name }: Facts, values: Values): LensSource | null =>
  Object.keys(values).length === 0
    ? null
    : { origin: 'metadata', lens: null, subject: `The metadata of ${name}`, values };

/** Errors for models whose outputs are no list of classes, by what the model is instead. */
import { LensError } from '../../../errors';
import { indexGraph } from '../../../onnx/graph-index';
import type { Graph } from '../../../onnx/model';
import { isEmbedding } from './embedding';

interface Output {
  readonly name: string;
  readonly tensor: string;
  readonly dims: readonly number[] | undefined;
}

const BOXES = /box|det|roi|anchor|keypoint/i;

/** @param image height and width of the picture */
export function noClasses(
  outputs: readonly Output[],
  image: readonly [height: number, width: number],
  graph: Graph,
): LensError {
  const found = outputs.map(({ name, dims }) => `"${name}" of shape [${dims?.join(', ') ?? 'unknown'}]`);
  const expected = `expected an output of shape [1, classes], found ${found.join(' and ')}`;
  const kind = kindOf(outputs, image, graph);
  if (kind === null)
    return new LensError('model', `${expected}.`, {
      fix: 'Export the classifier so that one of its outputs holds a score for each class.',
    });
  return new LensError('model', `${expected}: this is a ${kind} model, not a classifier.`, {
    fix: 'Only classifiers of whole pictures are explained.',
  });
}

/** Whether the file outputs boxes: then its scores belong to boxes. */
export const givesBoxes = (outputs: readonly Pick<Output, 'name' | 'dims'>[], graph: Graph): boolean =>
  outputs.some(({ name }) => /box/i.test(name)) ||
  graph.nodes.some(({ opType }) => DETECTING.test(opType)) ||
  outputs.some(({ dims }) => {
    const [count, corners, ...more] = dims?.filter((size) => size !== 1) ?? [];
    const ofEach = ({ dims: other }: Pick<Output, 'dims'>): boolean =>
      other !== undefined && other.filter((size) => size !== 1).join() === `${count}`;
    return corners === 4 && more.length === 0 && outputs.some(ofEach);
  });

/** Operators that only detectors have. */
const DETECTING = /NonMaxSuppression|RoiAlign|NMS/;

function kindOf(
  outputs: readonly Output[],
  [height, width]: readonly [number, number],
  graph: Graph,
): string | null {
  const long = ({ dims = [] }: Output): readonly number[] => dims.filter((size) => size !== 1);
  if (outputs.some(({ name }) => BOXES.test(name))) return 'detection (detector)';
  if (graph.nodes.some(({ opType }) => DETECTING.test(opType))) return 'detection (detector)';
  if (outputs.every(({ name, tensor }) => isEmbedding(graph, name, tensor)))
    return 'feature extraction (embedding)';
  const picture = outputs.find(({ dims }) => dims !== undefined && isPicture(dims, height, width));
  if (picture !== undefined) return 'segmentation or other dense prediction';
  if (!outputs.some((output) => long(output).length === 2)) return null;
  // A distribution over characters at each position of a line of text; detectors also have boxes.
  const [only, ...others] = outputs;
  const last = indexGraph(graph).producerOf(only?.tensor ?? '')?.opType ?? '';
  if (others.length === 0 && /^(Log)?Softmax$/.test(last)) return 'text recognition or other sequence';
  return 'detection (detector)';
}

/** Two neighboring axes have the picture's proportions. */
const isPicture = (dims: readonly number[], height: number, width: number): boolean =>
  dims.some((size, axis) => {
    const next = dims[axis + 1] ?? 0;
    return (
      axis > 0 &&
      size > 1 &&
      next > 1 &&
      Math.abs(size / next - height / width) < 0.02 &&
      (dims.length === 4 || (axis === 1 && size > 32))
    );
  });

/** Turns weights into networks, in a bundle part of its own: loaded only if the graph is not cached. */
export { importClassifier, seededClassifier } from '../../architectures/classifier';
export { describeReading } from '../../architectures/reading';
export { fromTensorSource } from '../../architectures/state-dict';
export { openCheckpoint } from '../../checkpoints/open';
export { openOnnxClassifier } from './onnx/open';

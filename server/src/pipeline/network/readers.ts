/** What makes networks of weights, in one part: loaded only for what the cache does not hold. */
export { importClassifier, seededClassifier } from '../../architectures/classifier';
export { describeReading } from '../../architectures/reading';
export { fromTensorSource } from '../../architectures/state-dict';
export { openCheckpoint } from '../../checkpoints/open';
export { openOnnxClassifier } from './onnx/open';

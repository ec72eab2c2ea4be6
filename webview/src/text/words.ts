/** The names of things whose ids come from the protocol. */
import type { Step } from '../../../protocol/analysis';
import type { CamMethod, DetectorId, DeviceName, HealthMark } from '../../../protocol/report';

export const methodTitles: Readonly<Record<CamMethod, string>> = {
  gradcam: 'Grad-CAM',
  'gradcam++': 'Grad-CAM++',
  xgradcam: 'XGrad-CAM',
  hirescam: 'HiResCAM',
  layercam: 'LayerCAM',
  elementwise: 'Element-wise',
};

export const deviceTitles: Readonly<Record<DeviceName, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  webgpu: 'WebGPU',
  directml: 'DirectML',
  coreml: 'Core ML',
};

export const detectorTitles: Readonly<Record<DetectorId, string>> = {
  blazeface: 'BlazeFace',
  'retinaface-resnet50': 'RetinaFace, ResNet-50',
  'retinaface-mobilenet0.25': 'RetinaFace, MobileNet 0.25',
  none: 'None: the whole image',
  box: 'None: a box given by hand',
};

export const stepTitles: Readonly<Record<Step, string>> = {
  input: 'Read the image',
  detection: 'Find the face',
  crop: 'Cut it out',
  wavelet: 'Wavelet',
  model: 'Load the model',
  explain: 'Heatmaps',
  pictures: 'Pictures',
  report: 'Write the report',
};

export const healthTitles: Readonly<Record<HealthMark, string>> = {
  nan: 'The activation holds NaN.',
  inf: 'The activation holds infinity.',
  dead: 'Every value of the activation is zero.',
  constant: 'The activation is the same everywhere.',
  'blank-cam': 'The heatmap is empty: no positive evidence for the target.',
  'single-pixel': 'The map has one pixel, so a heatmap cannot say where.',
};

/** The marks of a broken layer; the others are remarks. */
export const grave: ReadonlySet<HealthMark> = new Set(['nan', 'inf', 'dead']);

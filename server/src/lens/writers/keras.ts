/**
 * Networks of `keras.applications` in graphs of tf2onnx: the layers' names say which one it is, and each is
 * published with one normalization.
 */
import type { LensStep } from '../../../../protocol/lens';
import { IMAGENET_MEAN, IMAGENET_STD } from '../presets';
import type { KerasMode } from '../values';

/** As `preprocess_input` of keras.applications.imagenet_utils does it; `inside`: the network does it itself, from 0..255. */
export const KERAS_STEPS: Readonly<Record<KerasMode, readonly LensStep[]>> = {
  caffe: [
    { step: 'channels', order: 'BGR' },
    { step: 'normalize', mean: [103.939, 116.779, 123.68] },
  ],
  tf: [{ step: 'rescale', factor: 1 / 127.5, offset: -1 }],
  torch: [{ step: 'rescale' }, { step: 'normalize', mean: IMAGENET_MEAN, std: IMAGENET_STD }],
  inside: [],
};

interface Application {
  readonly name: string;
  readonly mode: KerasMode;
  /** Layers that no other application has. */
  readonly layers: readonly string[];
}

/** In this order: a later one's layers may be among an earlier one's. */
const APPLICATIONS: readonly Application[] = [
  { name: 'ResNet V2', mode: 'tf', layers: ['conv2_block1_preact_bn', 'post_bn'] },
  { name: 'ResNet', mode: 'caffe', layers: ['conv1_conv', 'conv2_block1_1_conv', 'conv2_block1_0_conv'] },
  { name: 'VGG', mode: 'caffe', layers: ['block1_conv1', 'block1_conv2', 'block5_conv1'] },
  { name: 'Xception', mode: 'tf', layers: ['block1_conv1', 'block2_sepconv1', 'block14_sepconv2'] },
  { name: 'MobileNet V2', mode: 'tf', layers: ['Conv1', 'expanded_conv_depthwise', 'block_1_expand'] },
  { name: 'MobileNet', mode: 'tf', layers: ['conv1', 'conv_dw_1', 'conv_pw_1'] },
  { name: 'DenseNet', mode: 'torch', layers: ['conv2_block1_1_conv', 'conv2_block1_concat', 'pool2_conv'] },
  { name: 'Inception ResNet V2', mode: 'tf', layers: ['block35_1_conv', 'block17_1_conv', 'conv_7b'] },
  {
    name: 'NASNet',
    mode: 'tf',
    layers: ['stem_conv1', 'reduction_conv_1_stem_1', 'separable_conv_1_normal_left1_0'],
  },
  { name: 'EfficientNet', mode: 'inside', layers: ['stem_conv', 'block1a_se_reduce', 'top_conv'] },
  { name: 'EfficientNet V2', mode: 'inside', layers: ['stem_conv', 'block1a_project_conv', 'top_conv'] },
];

/**
 * Null where the names are no application's. @param layers names of the innermost modules around the graph's
 * nodes
 */
export function kerasApplication(
  layers: ReadonlySet<string>,
): { readonly name: string; readonly mode: KerasMode } | null {
  const found = APPLICATIONS.find((application) => application.layers.every((layer) => layers.has(layer)));
  return found === undefined ? null : { name: found.name, mode: found.mode };
}

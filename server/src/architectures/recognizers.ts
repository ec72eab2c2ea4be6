/** Every network that a checkpoint may turn out to be, classifiers first. */
import type { Recognizer } from './registry';
import { classifierRecognizers } from './registry';
import { retinaFaceRecognizers } from './retinaface';

export const recognizers: readonly Recognizer[] = Object.freeze([
  ...classifierRecognizers,
  ...retinaFaceRecognizers,
]);

/** The same for people, family by family. */
export const supported: readonly string[] = Object.freeze([
  'efficientnet_pytorch B0 to B8',
  'torchvision EfficientNet B0 to B7 and V2 S, M, L',
  'EfficientNet-Lite0 to 4 of efficientnet_lite_pytorch and timm',
  'timm efficientnet_b0 to b8 and tf_efficientnet_b0 to b8',
  'torchvision ResNet, ResNeXt and Wide ResNet, timm’s variants of them, ResNet-RS and ResNet V2',
  'torchvision MobileNet V2 and V3, VGG, DenseNet and RegNet',
  'timm mobilenetv3 and tf_mobilenetv3',
  'ConvNeXt, ViT and Swin of torchvision and timm, timm’s ConvNeXt V2, DeiT and CLIP',
  'ViT, DeiT, Swin, ConvNeXt and ResNet of Hugging Face’s transformers',
  'RetinaFace with ResNet-50 or MobileNet-0.25',
]);

/** Every family of networks. Written by `npm run declare` from the files beside it that export one: do not edit. */
import { convNeXts } from './convnext';
import { efficientNetPytorch, efficientNetLitePytorch } from './efficientnet-pytorch';
import { resNets } from './resnet-variants';
import { swins } from './swin';
import { timmEfficientNet, timmEfficientNetLite } from './timm-efficientnet';
import { timmMobileNetV3 } from './timm-mobilenet-v3';
import { timmResNetV2 } from './timm-resnet-v2';
import { torchvisionDenseNet } from './torchvision-densenet';
import { torchvisionEfficientNet } from './torchvision-efficientnet';
import { torchvisionMobileNetV2 } from './torchvision-mobilenet-v2';
import { torchvisionMobileNetV3 } from './torchvision-mobilenet-v3';
import { torchvisionRegNet } from './torchvision-regnet';
import { torchvisionVgg } from './torchvision-vgg';
import { transformersNetworks } from './transformers';
import { visionTransformers } from './vit-variants';
import type { Architecture } from './network';

export const families: readonly (readonly Architecture[])[] = [
  convNeXts,
  efficientNetPytorch,
  efficientNetLitePytorch,
  resNets,
  swins,
  timmEfficientNet,
  timmEfficientNetLite,
  timmMobileNetV3,
  timmResNetV2,
  torchvisionDenseNet,
  torchvisionEfficientNet,
  torchvisionMobileNetV2,
  torchvisionMobileNetV3,
  torchvisionRegNet,
  torchvisionVgg,
  transformersNetworks,
  visionTransformers,
];

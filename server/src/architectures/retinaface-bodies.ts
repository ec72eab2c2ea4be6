/** The two networks under RetinaFace's feature pyramid: what each yields at strides 8, 16 and 32. */
import type { Feature, NetworkBuilder } from './layers';
import { noPadding, symmetricPadding } from './padding';
import { block } from './torchvision-resnet';

/** PyTorch's default for BatchNorm2d. */
export const epsilon = 1e-5;

/** LeakyReLU, or ReLU where its slope is 0. */
export type Rectify = (x: Feature) => Feature;

/** torchvision's ResNet-50 up to `layer4`, of which `layer2`, `layer3` and `layer4` are used; always plain ReLU. */
export function resNet50Body(net: NetworkBuilder, image: Feature): readonly Feature[] {
  const stem = net.conv(image, 'body.conv1', {
    channels: 64,
    kernel: 7,
    stride: 2,
    padding: symmetricPadding(7),
  });
  let x = net.maxPool(net.relu(net.batchNorm(stem, 'body.bn1', epsilon)), 3, 2, 1, 'body.maxpool');
  return [3, 4, 6, 3]
    .map((blocks, layer) => {
      for (let index = 0; index < blocks; index++) {
        const stride = layer > 0 && index === 0 ? 2 : 1;
        x = block(net, x, `body.layer${layer + 1}.${index}`, {
          width: 64 << layer,
          stride,
          bottleneck: true,
        });
      }
      return x;
    })
    .slice(1);
}

/** Output channels and stride of each depthwise separable block: MobileNet (arXiv 1704.04861) at width 0.25. */
const mobileNetStages = [
  [
    [16, 1],
    [32, 2],
    [32, 1],
    [64, 2],
    [64, 1],
  ],
  [
    [128, 2],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
    [128, 1],
  ],
  [
    [256, 2],
    [256, 1],
  ],
] as const;

/** The first block of stage 1 is an ordinary convolution. Stages end at strides 8, 16 and 32. */
export function mobileNetBody(net: NetworkBuilder, image: Feature, rectify: Rectify): readonly Feature[] {
  const convNorm = (x: Feature, path: string, at: number, options: Parameters<NetworkBuilder['conv']>[2]) =>
    rectify(net.batchNorm(net.conv(x, `${path}.${at}`, options), `${path}.${at + 1}`, epsilon));
  const around = symmetricPadding(3);
  let x = convNorm(image, 'body.stage1.0', 0, { channels: 8, kernel: 3, stride: 2, padding: around });
  return mobileNetStages.map((blocks, stage) => {
    blocks.forEach(([channels, stride], index) => {
      const path = `body.stage${stage + 1}.${stage === 0 ? index + 1 : index}`;
      const depthwise = { channels: x.channels, groups: x.channels, kernel: 3, stride, padding: around };
      x = convNorm(x, path, 0, depthwise);
      x = convNorm(x, path, 3, { channels, kernel: 1, padding: noPadding });
    });
    return x;
  });
}

/** The included trained network (models/mobilenet_v2): what an analysis runs if no other is named. */
import { join } from 'node:path';
import { projectRoot } from '../system/paths';

export const shipped = {
  /** What `--weights` takes, and the name of its lens. */
  id: 'mobilenet_v2',
  architecture: 'torchvision/mobilenet_v2',
  title: 'MobileNet V2, trained on ImageNet (1,000 classes); included',
  license: 'BSD-3-Clause',
  source: 'https://download.pytorch.org/models/mobilenet_v2-b0353104.pth',
  sha256: 'b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889',
} as const;

export const shippedFile = (): string =>
  join(projectRoot(), 'models', 'mobilenet_v2', 'mobilenet_v2-b0353104.pth');

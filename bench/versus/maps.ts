/** The maps of 44 layers, no pictures: pytorch-grad-cam and TorchCAM against the explain session. */
import { resizeMap } from '../../painting/resize-map';
import { sampleTensor, timed, warmClassifier } from '../networks';
import { busy } from '../script';
import { ratios, table } from '../table';
import { inTurn } from '../turns';
import type { Context } from './context';
import { BOX, withPeers } from './context';

const SIDE = 380;

export async function compareMaps(context: Context): Promise<string> {
  busy('maps of 44 layers');
  const { threads, device, cache, sample, repeats } = context;
  const network = { architecture: 'efficientnet_pytorch/b5', side: SIDE, threads, provider: device };
  const place = { ...network, recipe: 'fsbi', cache };
  const { classifier, dispose } = await warmClassifier(place);
  const image = sampleTensor(SIDE);
  const run = async (): Promise<void> => {
    const { layers } = await classifier.explain(image, 1);
    for (const { shape, cam } of layers) {
      const [, , height, width] = shape;
      const data = cam.get('gradcam');
      if (height !== undefined && width !== undefined && data !== undefined)
        resizeMap({ data, width, height }, SIDE, SIDE);
    }
  };
  const common = ['--image', sample, '--box', BOX];
  const scripts = [
    ['grad_cam_peer', ...common, '--passes', 'one'],
    ['torchcam_peer', ...common],
  ] as const;
  try {
    const [gradCam = [], torchCam = [], ours = []] = await withPeers(context, scripts, ([first, second]) =>
      inTurn(
        [
          { name: 'pytorch-grad-cam', run: async () => (await first!.run()).total_ms },
          { name: 'TorchCAM', run: async () => (await second!.run()).total_ms },
          { name: 'ours', run: () => timed(run) },
        ],
        repeats,
      ),
    );
    const rows = [
      { name: 'pytorch-grad-cam, all layers in one pass (a subclass)', values: gradCam },
      { name: 'TorchCAM', values: torchCam },
      { name: 'explain session, which also gives means and statistics', values: ours },
    ];
    return [
      '### Maps of 44 layers at 380x380, no pictures',
      table('EfficientNet-B5 at 380', 'ms', rows, 0),
      `pytorch-grad-cam : ours, pair by pair: ${ratios(gradCam, ours)}\n\nTorchCAM : ours: ${ratios(torchCam, ours)}`,
    ].join('\n\n');
  } finally {
    await dispose();
  }
}

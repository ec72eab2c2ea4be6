/** The floor: one forward pass and nothing else, in Python's onnxruntime, in PyTorch and here; and explaining against it. */
import { forwardOnly, sampleTensor, timed, warmClassifier } from '../networks';
import { busy } from '../script';
import { ratios, table } from '../table';
import { inTurn } from '../turns';
import type { Context } from './context';
import { BOX, withPeers } from './context';

export async function compareFloor(context: Context): Promise<string> {
  busy('forward only');
  const { threads, device, cache, sample, repeats } = context;
  const place = { architecture: 'efficientnet_pytorch/b5', side: 380, threads, provider: device };
  const forward = await forwardOnly(place);
  const { classifier, dispose } = await warmClassifier({ ...place, recipe: 'fsbi', cache });
  const image = sampleTensor(place.side);
  const common = ['--image', sample, '--box', BOX];
  const scripts = [
    ['floor', ...common, '--runtime', 'onnxruntime'],
    ['floor', ...common, '--runtime', 'torch'],
  ] as const;
  try {
    const [python = [], torch = [], node = [], explain = []] = await withPeers(
      context,
      scripts,
      ([first, second]) =>
        inTurn(
          [
            { name: 'onnxruntime', run: async () => (await first!.run()).total_ms },
            { name: 'PyTorch', run: async () => (await second!.run()).total_ms },
            { name: 'ours', run: () => timed(() => forward.run(image)) },
            { name: 'explain', run: () => timed(() => classifier.explain(image, 1)) },
          ],
          repeats,
          2,
        ),
    );
    const rows = [
      { name: 'PyTorch forward', values: torch },
      { name: "onnxruntime forward, Python, PyTorch's export", values: python },
      { name: 'onnxruntime forward, Node, our graph', values: node },
      { name: 'our explain session: forward, backward, every layer', values: explain },
    ];
    return [
      '### The floor: forward only',
      table('EfficientNet-B5 at 380', 'ms', rows),
      `Node : Python, pair by pair: ${ratios(node, python)}\n\nexplain : forward in Node: ${ratios(explain, node)}`,
    ].join('\n\n');
  } finally {
    await forward.dispose();
    await dispose();
  }
}

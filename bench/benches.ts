/** Every bench by name: what it measures, what it needs, and about how long it takes on two cores. */

export interface Bench {
  /** Its script is `bench/<name>.ts`; `npm run bench <name>` runs it. */
  readonly name: string;
  /** One line for the list and under its heading. */
  readonly about: string;
  /** What it needs beyond Node and the dependencies; null if nothing. */
  readonly needs: 'Python' | 'a browser' | 'a GPU' | 'another checkout' | null;
  /** Minutes, for the list. */
  readonly minutes: number;
  /** Run by `npm run bench` without a name. */
  readonly byDefault: boolean;
  /** The page that keeps its figures, where that is not RESULTS.md. */
  readonly page?: string;
}

/** In the order of their sections in RESULTS.md. */
export const benches: readonly Bench[] = Object.freeze([
  {
    name: 'steps',
    about:
      'one warm analysis of EfficientNet-B5 step by step, and explaining all layers against a forward pass',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'recorder',
    about:
      "what the recorder's statistics cost of a warm report of EfficientNet-B5, with and without in turn",
    needs: null,
    minutes: 1,
    byDefault: false,
  },
  {
    name: 'explain',
    about: 'forward, backward and every layer against forward only, in several processes',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'operators',
    about: 'where the time of the explain graph goes, operator by operator, against the forward pass',
    needs: null,
    minutes: 1,
    byDefault: false,
  },
  {
    name: 'pictures',
    about: 'coloring and writing the pictures of a report',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'start',
    about: 'the command line in fresh processes: process start to report, its parts, and peak memory',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'preparing',
    about:
      'from an ONNX file to the graph that is kept, and the part of the runtime, for chains of 500 to 4,000 nodes or files that are named',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'batch',
    about: 'many images: several under way against one by one, and images in one run of the network',
    needs: null,
    minutes: 5,
    byDefault: true,
  },
  {
    name: 'retinaface',
    about:
      'RetinaFace on the CPU: time and memory by picture size and --max-size, and what that does to boxes',
    needs: null,
    minutes: 2,
    byDefault: true,
  },
  {
    name: 'latency',
    about: 'how long the language server takes to answer while an analysis runs',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
  {
    name: 'growth',
    about: 'time and memory against input size, network, layers reported and number of images',
    needs: null,
    minutes: 5,
    byDefault: false,
  },
  {
    name: 'peers',
    about: 'side by side with the PyTorch reference pipeline, pytorch-grad-cam, TorchCAM and onnxruntime',
    needs: 'Python',
    minutes: 11,
    byDefault: false,
  },
  {
    name: 'models',
    about:
      'seven ImageNet classifiers at 224, default layers: explain against forward, against pytorch-grad-cam on the same layers, and preparing',
    needs: 'Python',
    minutes: 5,
    byDefault: false,
  },
  {
    name: 'against',
    about: 'steps, explain and start of another checkout and of this one, in turn',
    needs: 'another checkout',
    minutes: 12,
    byDefault: false,
  },
  {
    name: 'editor',
    about:
      'from a command to verdict and first heatmap in a real VS Code, and from the choice of a file to a report of 3,000 layers, both beside an empty webview',
    needs: 'a browser',
    minutes: 4,
    byDefault: false,
  },
  {
    name: 'panel',
    about: 'opening and scrolling a report of 3,000 layers in the panel',
    needs: 'a browser',
    minutes: 1,
    byDefault: false,
  },
  {
    name: 'evaluation-view',
    about:
      'opening and scrolling an evaluation of 10,000 pictures with 4 and with 1,000 classes, and what axe finds on its page',
    needs: 'a browser',
    minutes: 2,
    byDefault: false,
  },
  {
    name: 'set-memory',
    about: 'resident memory of one evaluate while it goes through a set of pictures',
    needs: null,
    minutes: 4,
    byDefault: false,
  },
  {
    name: 'gpu',
    about: 'forward and explain on CUDA and WebGPU against the CPU',
    needs: 'a GPU',
    minutes: 5,
    byDefault: false,
    page: 'bench/GPU.md',
  },
  {
    name: 'gpu-batches',
    about: "several images in one run on CUDA, beside PyTorch's forward and backward pass with --python",
    needs: 'a GPU',
    minutes: 4,
    byDefault: false,
    page: 'bench/GPU.md',
  },
  {
    name: 'throughput',
    about:
      "evaluate's CPU time a picture against decoding, preprocessing and one forward pass, and against PyTorch's DataLoader and FiftyOne with --python",
    needs: null,
    minutes: 12,
    byDefault: false,
  },
  {
    name: 'chaos',
    about:
      'four workers on one queue, killed every few seconds, Redis restarted, the network silent: the table against that of one machine',
    needs: null,
    minutes: 5,
    byDefault: false,
  },
  {
    name: 'queue',
    about: 'what 100,000 jobs of 1,000 pictures take in a real Redis',
    needs: null,
    minutes: 8,
    byDefault: false,
  },
  {
    name: 'checkpoints/memory',
    about: 'peak memory of reading a large checkpoint and a hostile one',
    needs: null,
    minutes: 1,
    byDefault: true,
  },
]);

/** @throws Error that lists what there is */
export function findBench(name: string, known: readonly Bench[] = benches): Bench {
  const found = known.find((bench) => bench.name === name);
  if (found !== undefined) return found;
  throw new Error(`There is no bench "${name}"; there are:\n${listing(known)}`);
}

/** One line each. */
export function listing(known: readonly Bench[] = benches): string {
  const width = Math.max(...known.map(({ name }) => name.length));
  return known
    .map(({ name, about, needs, minutes, byDefault }) => {
      const when = byDefault ? '' : needs === null ? ' (by name only)' : ` (by name only; needs ${needs})`;
      return `  ${name.padEnd(width)}  ~${minutes} min  ${about}${when}`;
    })
    .join('\n');
}

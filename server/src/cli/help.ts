/** The help texts: what a user who knows nothing needs, with commands to copy. */
import { optionRows, type NamedOption } from '../../../protocol/options';
import { IMAGE_EXTENSIONS } from '../../../protocol/vocabulary';
import { DEFAULT_OUTPUT, OWN_OPTIONS } from './evaluate-options';
import { SWITCHES } from './options';
import { ownRows } from './own-options';
import { WORKER_ANALYSIS, WORKER_OPTIONS } from './worker-options';

/** Columns of a line, and of what an option is called. */
const WIDTH = 118;
const NAME_WIDTH = 24;

/** One option or switch: its name, then what it is, broken into lines. */
function entry(name: string, text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > WIDTH - NAME_WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  const indent = ' '.repeat(NAME_WIDTH);
  const named = `  ${name}`;
  const first = named.length < NAME_WIDTH ? named.padEnd(NAME_WIDTH) : `${named}\n${indent}`;
  return `${first}${lines.join(`\n${indent}`)}`;
}

const named = (name: string, short?: string): string =>
  short === undefined ? `--${name}` : `-${short}, --${name}`;

/** What an option is, what there is to choose from, and what holds without it. */
function describe({ flag, ...row }: NamedOption): string {
  const { kind, default: standard } = row;
  const isDefault = (id: string): boolean =>
    Array.isArray(standard) ? standard.includes(id) : standard === id;
  const choices =
    kind.is === 'word' || kind.is === 'words'
      ? [kind.words.map(({ id }) => (isDefault(id) ? `${id} (default)` : id)).join(', ')]
      : [];
  const open = flag?.open ?? row.open;
  const without = open === undefined ? [] : [`default: ${open}`];
  const more = [row.more, flag?.more].filter((text) => text !== undefined);
  return [[row.help, ...choices].join(': '), ...more, ...without].join('; ').replace(/`|\*\*/g, '');
}

function optionLines(): string {
  const options = optionRows.flatMap((row) =>
    row.flag === null
      ? []
      : [entry(`${named(row.flag.name, row.flag.short)} ${row.flag.value}`, describe(row))],
  );
  const switches = Object.entries(SWITCHES);
  return [
    ...options,
    ...switches.map(([name, { short, help: text }]) => entry(named(name, short), text)),
  ].join('\n');
}

const ownLines = (): string =>
  ownRows(OWN_OPTIONS)
    .map(([typed, text]) => entry(typed, text))
    .join('\n');

const workerLines = (): string =>
  [
    ...ownRows(WORKER_OPTIONS),
    [`--${WORKER_ANALYSIS.join(', --')}`, 'as in analyze; default: as the queue says'] as const,
  ]
    .map(([typed, text]) => entry(typed, text))
    .join('\n');

export const help = `Inference Lens: every layer's activation and Grad-CAM heatmap of one image, without Python.

Usage
  inference-lens analyze <image or folder...> [options]   write a report folder for each image
  inference-lens evaluate <folder|list|video> [options]    a labeled set: table, metrics, charts, suspected label errors
  inference-lens check <file...> [options]                checks what is expected of a network, for continuous integration
  inference-lens merge <folder...>                        shards of an evaluation into one
  inference-lens worker --queue <url> [options]           evaluates pictures of a queue that evaluate --queue has filled (docs/scale.md)
  inference-lens models <command>                         import, list, show, remove, verify or download weights
  inference-lens layers <file|id>                         the layers of a model as a tree, with those that a report shows
  inference-lens lens <command>                           how a model wants to be fed, read and named: init, check, list, show, schema
  inference-lens python <report folder> [options]         a Python script that computes a number of a report again
  inference-lens mcp [options]                            tools for agents, over standard input and output (docs/agents.md)
  inference-lens doctor                                   versions, devices, cache and models of this machine
  inference-lens <command> --help                         this text
  inference-lens --version

Images of analyze
  A file is read whatever its name. A folder stands for every image in it and in all folders below, sorted by name:
  ${IMAGE_EXTENSIONS.map((extension) => `.${extension}`).join(' ')}, without hidden files, links to folders and
  reports. Patterns in quotes are matched as a shell would: 'photos/*/front?.jpg', 'photos/**/*.png'. Several images are
  analyzed three at a time; lines and reports come in the order given, with the same numbers as one by one.

Options of analyze
${optionLines()}

Evaluate
  A folder holds one folder of pictures for each class; a manifest lists paths and labels: .csv, .tsv, .jsonl, or COCO's .json. Labels are
  matched to the network's classes by name, ignoring case and separators, else by index. Writes OUTPUT/evaluation: rows.parquet,
  rows.csv, summary.json, summary.md and charts, whole or not at all (./${DEFAULT_OUTPUT} without --output). To resume a
  stopped evaluation, run the same command. A picture that cannot be read is a row with its error. Takes the options of analyze except --box and --strokes;
  heatmaps are measured only in the layers that --layers chooses, since each takes a backward pass.
  Of a video (.mp4, .mov, .mkv, .webm, .avi and others), your own ffmpeg reads frames by the time at which they are shown; faces are followed
  from one to the next, and the video gets a score, a timeline and its strongest frames as pictures (docs/evaluate.md).
${ownLines()}

Check
  A test file (NAME.check.json) names a set, a network, and what is expected of them; for a lens with "expect", --set names the set. Takes
  the options of analyze except --box, --strokes and --layers. Exits with 7 if an expectation does not hold.
  --set <folder|manifest>   the pictures, if the file names none
  --attention-mask <dir>    the masks, if the file names none and has an expectation that needs them
  --junit <file>, --sarif <file>   the outcome for build servers and code scanning; SARIF points at the line of the expectation
  --json                    one line of JSON for each file

Merge
  merge <folder...> [--output <dir>]   joins the folders that hold shard-i-of-n; names shards that are missing or duplicated
  --replace, --json, -q, --quiet       as in evaluate

Worker
  Takes jobs of a queue until the evaluation is over. Several may run on one machine and on any number of machines that can read the pictures; one
  that is killed costs nothing but time. Network, lens and pictures have to be those of the queue, which is checked.
${workerLines()}

Models
  import <file> [--as <id>] [--architecture <id>] [--state-dict <name>] [--lens <path>], download <id>, list, show <id|file>, verify <id>, remove <id>
  show <file>           what a model file holds: inputs, modules, operations, how it would be fed, weights; nothing is run
  show --passes <id or file> [--device <kind>]  how often each pass over the explain graph fired, why it left the rest, and which nodes
                        are left for each picture; of a device that need not be there, of the CPU by default
  --json                machine-readable lines; most useful with list and show

Lens
  init <model>                    writes NAME.lens.json beside a model, commented with what is known, from where, and what is not
  check <lens> [--image <file>]   says what is wrong with a lens, with line and column, or what it does with its model and a picture
  adopt <lens> --from <evaluation>  writes the order of classes that an evaluation found better into a lens; comments stay
  list                            built-in lenses
  show <lens>                     prints a lens, by name or path
  schema                          JSON schema of *.lens.json, for editors
  --json                          machine-readable lines; check and list

Python
  Prints a script, and writes what it reads into python in the report's folder: the tensor that the network received, and, where no library
  reads the weights as they are (torchvision, timm, efficientnet_pytorch), the graph, for onnxruntime. Without --layer it gives the verdict.
  --layer <name>        of this layer the heatmap before ReLU, by the report's first method
  --method <name>       by another of the report's methods
  --activation          the mean of its channels instead
  --channel <n>         one of its channels instead
  --json                one line of JSON: library, text, files

Doctor
  --json                the same as one line of JSON
  --install-cuda        fetches the runtime's CUDA libraries first (Linux on x64; needs the network)

Examples
  inference-lens analyze photo.jpg
  inference-lens analyze photo.jpg --weights best_model.tar --target fake --method gradcam,layercam
  inference-lens analyze crops/*.png --detector none --output out --json
  inference-lens analyze photos/ --target fake --json > results.jsonl
  inference-lens analyze group.jpg --box 173,68,280,174
  inference-lens analyze photo.jpg --strokes strokes.json
  inference-lens models import best_model.tar --as fsbi
  inference-lens evaluate photos/ --layers features.18 --map cat='Egyptian cat'
  inference-lens evaluate labels.csv --shard auto --output out && inference-lens merge out
  inference-lens evaluate photos/ --queue redis://queue.example:6379 & inference-lens worker --queue redis://queue.example:6379

Exit codes
  0 done   1 a bug in Inference Lens   2 usage   3 the image   4 the model   5 the device   6 the output folder   7 a check   130 cancelled
  With several images the first failure decides, and an interrupt overrides it. The others are still analyzed unless they would fail
  the same way: a wrong option, a model or device that cannot be used, a full disk. An evaluation exits with 3 only if no picture of
  the set, shard or merged table could be evaluated; its table, with each picture's error, is written anyway.
`;

/**
 * What a lens may say, written once: lenses are checked against it, `protocol/lens.schema.json` (for editors) and docs/lens.md are generated
 * from it, and the words of closed lists are the vocabulary's.
 */
import { stepsSchema } from '../../../protocol/steps';
import { INPUT_LAYOUTS, INPUT_TYPES } from '../../../protocol/lens';
import {
  ACTIVATION_CHOICES,
  CAM_METHODS,
  CROP_MODES,
  DETECTOR_CHOICES,
  idsOf,
} from '../../../protocol/vocabulary';
import { lensExpectSchema } from './expect-schema';
import type { Schema } from './json-schema';

/** @param example what completion writes for it */
const text = (description: string, example: string): Schema => ({
  ...{ type: 'string', minLength: 1, maxLength: 1000, description },
  examples: [example],
});

const oneOf = (words: readonly string[], description: string, standard?: string): Schema => ({
  enum: words,
  description,
  ...(standard === undefined ? {} : { default: standard }),
});

const closed = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  type: 'object',
  description,
  properties,
  additionalProperties: false,
  ...(required.length === 0 ? {} : { required }),
});

/** Longest side that a network is fed. */
const MOST_PIXELS = 16384;

const pixels: Schema = { type: 'integer', minimum: 1, maximum: MOST_PIXELS };

/** More classes or layers than any network in use has. */
const MOST_LABELS = 100_000;
const MOST_PATTERNS = 512;

const labels: Schema = {
  description:
    'Names of the classes, by index; or a file that lists them: `labels.txt` (one a line), `classes.csv`, `config.json` (`id2label`) or `labels.json`.',
  examples: [['cat', 'dog']],
  anyOf: [
    { type: 'array', items: { type: 'string', maxLength: 1000 }, minItems: 1, maxItems: MOST_LABELS },
    { type: 'string', minLength: 1, maxLength: 1000 },
  ],
};

const detector: Schema = {
  description: 'The face stage before everything else. Omitted or null: the whole picture is prepared.',
  anyOf: [
    closed('Which face detector looks, and how the face is cut out.', {
      use: oneOf(
        idsOf(DETECTOR_CHOICES),
        '`auto` (RetinaFace where its weights are in the store, else BlazeFace), a detector, or `none`.',
        'auto',
      ),
      crop: oneOf(
        idsOf(CROP_MODES),
        '`square` is 1.2 times the longer side of the face; `sbi` extends each side by an eighth.',
        'square',
      ),
    }),
    { type: 'null' },
  ],
};

const input: Schema = closed(
  'What the network takes. Where the file states it, a lens that disagrees is an error.',
  {
    layout: oneOf(INPUT_LAYOUTS, 'The axes of the input.'),
    type: oneOf(INPUT_TYPES, 'The type of its values.'),
    size: {
      description:
        'Pixels: the side of a square, or [height, width]. Needed where the file leaves them open.',
      examples: [224],
      anyOf: [pixels, { type: 'array', items: pixels, minItems: 2, maxItems: 2 }],
    },
    range: {
      description:
        'Least and greatest value that the network was fed in training; values beyond are a warning.',
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
      examples: [[0, 1]],
    },
  },
);

const output: Schema = closed('How the outputs are read.', {
  name: text('The output that holds the classes, where the network has several.', 'logits'),
  activation: oneOf(
    idsOf(ACTIVATION_CHOICES),
    'What turns the outputs into probabilities; `auto` reads it from the network.',
    'auto',
  ),
  threshold: {
    type: 'number',
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.5,
    description:
      'Of a network with one logit: the probability of the last class above which it is the verdict.',
  },
});

let made: Schema | null = null;

/** One object for each key; steps are distinguished by `step`. */
export function lensSchema(): Schema {
  made ??= {
    title: 'Lens of Inference Lens',
    ...closed('How one model wants to be fed, read and named.', {
      $schema: text('Where another editor finds this schema; ignored.', 'lens.schema.json'),
      description: text('A sentence for people.', 'Trained on ...'),
      model: text(
        'Path of the weights below this file’s folder, an id of the model store, or a built-in network such as `torchvision/resnet50`.',
        'best.onnx',
      ),
      labels,
      detector,
      preprocess: {
        ...(stepsSchema() as Schema),
        description: 'Steps from the picture, or from the face that was cut out, to the tensor; in order.',
      },
      input,
      output,
      target: {
        ...text(
          'Class that is explained: a name, an index (`index:2` where a class is called 2), or `predicted`.',
          'predicted',
        ),
        default: 'predicted',
      },
      layers: {
        description:
          'Layers that are reported, as patterns over their names: `*` stands for any characters, `?` for one.',
        type: 'array',
        items: text('A pattern such as `features.*`.', '*'),
        minItems: 1,
        maxItems: MOST_PATTERNS,
      },
      methods: {
        description: 'Heatmap methods to compute; the first is shown.',
        type: 'array',
        items: { enum: idsOf(CAM_METHODS) },
        minItems: 1,
        uniqueItems: true,
        default: ['gradcam'],
      },
      expect: lensExpectSchema,
    }),
  };
  return made;
}

/** The schema of `expect`, in a lens and in a test file, and of test files. */
import { ATTENTION_PLACES } from '../../../protocol/expect';
import type { Schema } from './json-schema';

const MOST_TEXT = 1000;

/** @param example what completion writes for it */
const text = (description: string, example: string): Schema => ({
  ...{ type: 'string', minLength: 1, maxLength: MOST_TEXT, description },
  examples: [example],
});

const share = (description: string): Schema => ({ type: 'number', minimum: 0, maximum: 1, description });

const bounds = { least: share('The least that passes.'), most: share('The most that passes.') } as const;

const closed = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  ...{ type: 'object', description, properties, additionalProperties: false },
  ...(required.length === 0 ? {} : { required }),
});

const EXPECT = 'What `inference-lens check` expects of a set of pictures.';

const expectations: Readonly<Record<string, Schema>> = {
  verdict: text('The class that every picture gets.', 'cat'),
  accuracy: closed('The share of pictures whose verdict is their label.', bounds),
  confidence: closed('The probability of the verdict, in every picture.', bounds),
  probability: closed(
    'The probability of one class, in every picture.',
    { of: text('The class.', 'cat'), ...bounds },
    ['of'],
  ),
  attention: {
    description: 'Where heatmaps lie, layer by layer.',
    type: 'array',
    minItems: 1,
    maxItems: 64,
    items: closed(
      'The share of a layer’s heatmap in a place.',
      {
        layer: text('The name of the layer.', 'layer4'),
        in: {
          enum: ATTENTION_PLACES,
          description: '`border` is the outermost eighth on each side of what the network sees.',
        },
        box: {
          description: 'x0, y0, x1, y1 as shares of the picture.',
          type: 'array',
          items: share('0 to 1.'),
          minItems: 4,
          maxItems: 4,
        },
        ...bounds,
        over: {
          enum: ['mean', 'every'],
          description: '`mean`, the default: the mean over all pictures. `every`: each picture by itself.',
        },
      },
      ['layer', 'in'],
    ),
  },
  masks: text(
    'Folder below this file’s folder with a mask for each picture, `cat/1.png` for `cat/1.jpg`, as large as the picture.',
    'masks',
  ),
  healthy: {
    description: 'Patterns of layers that hold no NaN and no infinity, and are not the same everywhere.',
    type: 'array',
    items: text('A pattern such as `features.*`.', '*'),
    minItems: 1,
    maxItems: 64,
  },
  failed: closed(
    'How many pictures may fail to be evaluated; none by default.',
    {
      most: { type: 'integer', minimum: 0, description: 'How many pass.' },
    },
    ['most'],
  ),
  baseline: closed(
    'Rows of an earlier evaluation that these should equal.',
    {
      rows: text('Path of a `rows.jsonl` below this file’s folder.', 'rows.jsonl'),
      tolerance: {
        type: 'number',
        minimum: 0,
        description: 'Largest difference of a probability; 0.0001 by default.',
      },
    },
    ['rows'],
  ),
};

/** Which pictures, and what they show: of a test file itself, and of `expect` in a lens. */
const pictures = {
  set: text('Folder or manifest below this file’s folder.', 'pictures'),
  labels: text('Where labels come from: `folders`, `none`, or a pattern that holds {label}.', 'folders'),
} as const;

/** `expect` in a lens, which has no other place for its pictures. */
export const lensExpectSchema: Schema = closed(EXPECT, { ...pictures, ...expectations });

export const checkFileSchema: Schema = {
  title: 'Test file of Inference Lens',
  ...closed(
    'A set of pictures, a network, and what is expected of both.',
    {
      $schema: text('Where another editor finds this schema; ignored.', 'check.schema.json'),
      description: text('A sentence for people.', 'What must hold'),
      ...pictures,
      lens: text('A built-in lens, or the path of a lens file below this file’s folder.', 'best.lens.json'),
      weights: text(
        'Path of the weights below this file’s folder, or an id of the model store.',
        'best.onnx',
      ),
      expect: closed(EXPECT, expectations),
    },
    ['expect'],
  ),
};

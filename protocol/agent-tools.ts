/**
 * What agents can ask for: names, descriptions and arguments of the tools, written once for `inference-lens mcp` and for the editor's
 * language-model tools. The manifest's part is written from here by `npm run declare`.
 */

export interface ToolArgument {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ToolRow {
  readonly title: string;
  /** For a model: what it gives, what it takes, and what its answer does not mean. */
  readonly description: string;
  /** For a person who reads a list of tools. */
  readonly summary: string;
  readonly properties: Readonly<Record<string, ToolArgument>>;
  readonly required: readonly string[];
}

const tool = <const Row extends ToolRow>(row: Row): Row => row;

const text = (description: string) => ({ type: 'string', description }) as const;

const NETWORK = {
  weights: text(
    'Model file (.onnx, or a checkpoint .pth .pt .safetensors), or an id of the model store. If omitted: the one in the settings, else a MobileNet V2 trained on ImageNet.',
  ),
  lens: text(
    'A *.lens.json file, or the name of a built-in lens, which says how the network is fed, read and named. If omitted: the lens beside the model, else what the file and its architecture imply.',
  ),
  target: text(
    'Class whose evidence is computed: a label, an index, or "pred" for the predicted one. Left out: the lens\'s, else the predicted one.',
  ),
} as const;

const CAUTION =
  'Heatmaps highlight where features of a layer add to the score of one class. They do not say why the network decided, and should not be reported as a reason.';

export const AGENT_TOOLS = {
  analyze: tool({
    title: 'Analyze an Image',
    summary: 'Verdict of a vision model on one image, and the heatmap of its most telling layer.',
    description: `Runs an image classifier on one image, and returns the verdict, the probabilities, warnings about preprocessing and numerics, every layer's statistics in brief, and a picture: the class activation map of the most telling layer over the image. Nothing leaves this machine. ${CAUTION} Read the warnings before the verdict: untrained weights, guessed preprocessing and values that are not numbers are named there.`,
    properties: { image: text('Absolute path of the image.'), ...NETWORK },
    required: ['image'],
  }),
  layers: tool({
    title: 'List the Layers of a Model',
    summary: 'Names, shapes and operators of the layers of a model file.',
    description:
      'Lists the layers of an image classifier in the order of the forward pass: name, output shape, operator, whether a report shows it by default, and the line of source that makes it, where the file says so. Nothing is run.',
    properties: {
      model: text(
        'Absolute path of a model file (.onnx, .pth, .pt, .safetensors), or an id of the model store.',
      ),
      pattern: text(
        'Patterns over the names such as "features.*" or "blocks[-1]", with commas between them.',
      ),
    },
    required: ['model'],
  }),
  explain_layer: tool({
    title: 'Explain a Layer',
    summary: 'What one layer of a model shows of an image: map, statistics, leading channels.',
    description: `Explains one layer of an image classifier on one image: statistics of its activation, its class activation map as a picture over the image and where that is greatest, and the channels that contribute most to it. Give the "report" that analyze returned, which saves the computation, or an image. ${CAUTION}`,
    properties: {
      layer: text('Name of the layer, as the tool "layers" or "analyze" gives it.'),
      report: text('Absolute path of a report folder that analyze returned.'),
      image: text('Absolute path of the image; instead of a report.'),
      ...NETWORK,
      channels: {
        type: 'integer',
        description: 'How many channels to list; 8 by default.',
        minimum: 1,
        maximum: 64,
      },
    },
    required: ['layer'],
  }),
  lint_lens: tool({
    title: 'Check a Lens',
    summary: 'Everything that is wrong with a *.lens.json file.',
    description:
      'Checks a *.lens.json file, which says how a model is fed, read and named: unknown keys, missing files, a class count or size that the network proves otherwise, patterns that fit no layer, and doubtful preprocessing (normalized twice, not rescaled, channels in another order). Each problem has its line, column and what to do.',
    properties: { lens: text('Absolute path of the *.lens.json file.') },
    required: ['lens'],
  }),
} as const;

export type AgentTool = keyof typeof AGENT_TOOLS;

/** As the editor knows it. */
export const editorToolName = (id: AgentTool): string => `inference_lens_${id}`;

export const inputSchema = ({ properties, required }: ToolRow): object => ({
  ...{ type: 'object', properties, required: [...required], additionalProperties: false },
});

export type ToolPart =
  | { readonly type: 'text'; readonly text: string }
  /** base64. */
  | { readonly type: 'image'; readonly data: string; readonly mimeType: 'image/png' };

/** JSON first, then at most one picture. */
export interface ToolAnswer {
  readonly parts: readonly ToolPart[];
}

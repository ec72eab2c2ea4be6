/**
 * The manifest's settings, those that a workspace must be trusted for, and the names of images, from protocol/. What is read by people
 * stands in package.nls.json under a key; translations have the same keys.
 */
import {
  AGENT_TOOLS,
  editorToolName,
  inputSchema,
  type AgentTool,
  type ToolRow,
} from '../../protocol/agent-tools';
import type { OptionRow } from '../../protocol/option-row';
import { EDITOR_SETTINGS, OPTIONS, SECTION } from '../../protocol/options';
import { IMAGE_EXTENSIONS } from '../../protocol/vocabulary';
import { bring, json } from './files';
import { description, listed, openValue, sentence, type DescribedSetting } from './text';

const FILE = 'package.json';
const WORDS = 'package.nls.json';
/** Keys that are written from here; the others are written by hand. */
const DECLARED = /^(?:setting|tool)\.|^capability\.untrustedWorkspaces$/;

const options: readonly (readonly [string, OptionRow])[] = Object.entries(OPTIONS);

/** Every setting in the order in which the editor shows them. */
export const settingRows: readonly (readonly [name: string, row: DescribedSetting])[] = [
  ...options.flatMap(([name, { setting, ...row }]) =>
    setting === null ? [] : [[name, { ...row, setting }] as const],
  ),
  ...Object.entries(EDITOR_SETTINGS),
];

export const restrictedSettings = settingRows
  .filter(([, { setting }]) => setting.restricted === true)
  .map(([name]) => name);

/** Texts by their keys. */
type Texts = Map<string, string>;

/** Keeps the text under the key. @returns what stands for it in the manifest */
function keyed(texts: Texts, key: string, text: string): string {
  texts.set(key, text);
  return `%${key}%`;
}

/** The part of JSON Schema that says what a setting may be. */
function form(name: string, row: DescribedSetting, texts: Texts): object {
  const { kind } = row;
  const open = openValue(row);
  const standard = kind.is === 'path' ? '' : (row.default ?? open);
  switch (kind.is) {
    case 'text':
    case 'path':
      return { type: 'string', default: standard };
    case 'word': {
      const words = kind.words.map(({ id, help }) => [id, help] as const);
      const all = open === null ? words : [[open, `uses ${row.open ?? ''}`] as const, ...words];
      const descriptions = all.flatMap(([id, help]) =>
        help === undefined ? [] : [keyed(texts, `setting.${name}.${id}`, sentence(help))],
      );
      return {
        type: 'string',
        enum: all.map(([id]) => id),
        default: standard,
        ...(descriptions.length === all.length ? { markdownEnumDescriptions: descriptions } : {}),
      };
    }
    case 'words':
      return {
        type: 'array',
        items: { type: 'string', enum: kind.words.map(({ id }) => id) },
        default: standard,
        minItems: 1,
        uniqueItems: true,
      };
    case 'count':
    case 'number': {
      const type = kind.is === 'count' ? 'integer' : 'number';
      return {
        type: standard === null ? [type, 'null'] : type,
        default: standard,
        minimum: kind.least,
        maximum: kind.most,
      };
    }
    case 'box':
    case 'strokes':
      throw new Error('A setting for a box or strokes: no editor offers one.');
  }
}

const properties = (texts: Texts): object =>
  Object.fromEntries(
    settingRows.map(([name, row], index) => [
      `${SECTION}.${name}`,
      {
        ...form(name, row, texts),
        scope: row.setting.scope,
        order: index + 1,
        markdownDescription: keyed(texts, `setting.${name}`, description(row)),
        ...(row.replacedBy === undefined
          ? {}
          : {
              markdownDeprecationMessage: keyed(
                texts,
                `setting.${name}.deprecation`,
                `Deprecated: use \`#${SECTION}.${row.replacedBy}#\` instead.`,
              ),
            }),
      },
    ]),
  );

/** Of items that analyze: the names of images, as `resourceExtname` has them. */
function forImages(item: MenuItem): MenuItem {
  if (item.command !== `${SECTION}.analyze` || item.when === undefined) return item;
  const names = IMAGE_EXTENSIONS.join('|');
  return {
    ...item,
    when: item.when.replace(/(?<=resourceExtname =~ \/\^\\\.)\(.*?\)(?=\$\/i)/, `(${names})`),
  };
}

/** Tools that the editor's language models may call; what a model reads of them is English everywhere. */
const tools = (texts: Texts): readonly object[] =>
  Object.entries<ToolRow>(AGENT_TOOLS).map(([id, row]) => ({
    name: editorToolName(id as AgentTool),
    displayName: keyed(texts, `tool.${id}`, row.title),
    modelDescription: row.description,
    ...{
      userDescription: keyed(texts, `tool.${id}.description`, row.summary),
      inputSchema: inputSchema(row),
      icon: '$(eye)',
      tags: ['inference-lens', 'vision'],
    },
    ...{ canBeReferencedInPrompt: true, toolReferenceName: `lens_${id}` },
  }));

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

interface Manifest {
  readonly capabilities: {
    readonly untrustedWorkspaces: { description: string; restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly configuration: { properties: object };
    menus: Readonly<Record<string, readonly MenuItem[]>>;
    languageModelTools: readonly object[];
  };
}

/** The texts that are written by hand, then those from here. */
const writeWords = (texts: Texts): Promise<readonly string[]> =>
  bring(WORDS, (present) => {
    const byHand = Object.entries(JSON.parse(present) as Record<string, string>);
    return json(WORDS, Object.fromEntries([...byHand.filter(([key]) => !DECLARED.test(key)), ...texts]));
  });

/** @returns the files that were not up to date */
export async function writeManifest(): Promise<readonly string[]> {
  const texts: Texts = new Map();
  const manifest = await bring(FILE, (present) => {
    const manifest = JSON.parse(present) as Manifest;
    const { contributes } = manifest;
    contributes.configuration.properties = properties(texts);
    contributes.languageModelTools = tools(texts);
    contributes.menus = Object.fromEntries(
      Object.entries(contributes.menus).map(([place, items]) => [place, items.map(forImages)]),
    );
    const names = listed(restrictedSettings);
    Object.assign(manifest.capabilities.untrustedWorkspaces, {
      description: keyed(
        texts,
        'capability.untrustedWorkspaces',
        `The workspace's own ${names} are ignored until it is trusted.`,
      ),
      restrictedConfigurations: restrictedSettings.map((name) => `${SECTION}.${name}`),
    });
    return json(FILE, manifest);
  });
  return [...manifest, ...(await writeWords(texts))];
}

/** The manifest's settings, those that a workspace must be trusted for, and the names of images, from protocol/. */
import {
  AGENT_TOOLS,
  editorToolName,
  inputSchema,
  type AgentTool,
  type ToolRow,
} from '../../protocol/agent-tools';
import { EDITOR_SETTINGS, OPTIONS, SECTION, type OptionRow } from '../../protocol/options';
import type { Kind } from '../../protocol/values';
import { IMAGE_EXTENSIONS } from '../../protocol/vocabulary';
import { bring, json } from './files';
import { description, listed, openValue, sentence, type DescribedSetting } from './text';

const FILE = 'package.json';

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

/** The part of JSON Schema that says what a setting may be. */
function form(kind: Kind, row: DescribedSetting): object {
  const open = openValue(row);
  const standard = kind.is === 'path' ? '' : (row.default ?? open);
  switch (kind.is) {
    case 'text':
    case 'path':
      return { type: 'string', default: standard };
    case 'word': {
      const words = kind.words.map(({ id, help = '' }) => [id, sentence(help)] as const);
      const all =
        open === null ? words : [[open, sentence(`What is taken: ${row.open ?? ''}`)] as const, ...words];
      return {
        type: 'string',
        enum: all.map(([id]) => id),
        default: standard,
        markdownEnumDescriptions: all.map(([, help]) => help),
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
      throw new Error('A setting for a box: no editor offers one yet.');
  }
}

const properties = (): object =>
  Object.fromEntries(
    settingRows.map(([name, row], index) => [
      `${SECTION}.${name}`,
      {
        ...form(row.kind, row),
        scope: row.setting.scope,
        order: index + 1,
        markdownDescription: description(row),
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

/** Tools that the editor's language models may call. */
const tools = (): readonly object[] =>
  Object.entries<ToolRow>(AGENT_TOOLS).map(([id, row]) => ({
    ...{ name: editorToolName(id as AgentTool), displayName: row.title, modelDescription: row.description },
    ...{
      userDescription: row.summary,
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

/** @returns the files that were not up to date */
export function writeManifest(): Promise<readonly string[]> {
  return bring(FILE, (present) => {
    const manifest = JSON.parse(present) as Manifest;
    const { contributes } = manifest;
    contributes.configuration.properties = properties();
    contributes.languageModelTools = tools();
    contributes.menus = Object.fromEntries(
      Object.entries(contributes.menus).map(([place, items]) => [place, items.map(forImages)]),
    );
    Object.assign(manifest.capabilities.untrustedWorkspaces, {
      description: `The workspace's own ${listed(restrictedSettings)} are ignored until it is trusted.`,
      restrictedConfigurations: restrictedSettings.map((name) => `${SECTION}.${name}`),
    });
    return json(FILE, manifest);
  });
}

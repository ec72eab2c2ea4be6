/** What can be saved or copied of a map: picture with color bar, values, and a script that computes it again. */
import { npy } from '../../../../protocol/npy';
import type { FromPanel } from '../../../../protocol/panel';
import type { CamMethod, SnippetSubject } from '../../../../protocol/vocabulary';
import { usePanel } from '../../context';
import { exportPng, exportSvg, toBase64, type Exported } from '../../picture/exported';
import type { FloatMap } from '../../picture/floatMap';
import { mapTable, tableText, type Table } from '../../text/tables';
import { reportProblem } from '../../host';
import type { MenuItem } from '../ContextMenu';
import { t } from '../../l10n';

export interface Exportable {
  /** Begins the names of files. */
  readonly name: string;
  /** Null where there is nothing to save yet. */
  readonly map: FloatMap | null;
  /** Null where nothing is laid over a picture. */
  readonly picture: Exported | null;
  /** Null where it cannot be computed again. */
  readonly python: {
    readonly subject: SnippetSubject;
    readonly layer: string | null;
    readonly method: CamMethod | null;
    readonly channel: number | null;
  } | null;
}

const FORMATS = ['csv', 'markdown'] as const;
const formatTitles = { csv: t('Copy Values as CSV'), markdown: t('Copy Values as Markdown') } as const;

type Send = (message: FromPanel) => void;

/** Copied whole: tabs between columns, as spreadsheets paste them. */
export const tabbed = (table: Table): string => `${table.map((row) => row.join('\t')).join('\n')}\n`;

export function useExports({ name, map, picture, python }: Exportable): readonly MenuItem[] {
  const { send, painter, state } = usePanel();
  const save = (extension: string, made: Promise<string>) => {
    made.then(
      (base64) => send({ type: 'save', name: `${name}.${extension}`, base64 }),
      (error: unknown) => reportProblem(send, error),
    );
  };
  const draw = (extension: string, how: typeof exportPng) => () => {
    if (picture) save(extension, how(picture, painter));
  };
  const pictures: readonly MenuItem[] = picture
    ? [
        { title: t('Save as PNG with Color Bar...'), run: draw('png', exportPng) },
        { title: t('Save as SVG with Color Bar...'), run: draw('svg', exportSvg) },
      ]
    : [];
  return [
    ...pictures,
    ...(map ? valueItems(map, name, send) : []),
    ...(python
      ? [
          {
            title: t('Copy as Python'),
            disabled: state.report === null,
            run: () => send({ type: 'copyPython', ...python }),
          },
        ]
      : []),
  ];
}

/** [y][x] as they lie in the report's file; of a vector one row. */
const valueItems = (map: FloatMap, name: string, send: Send): readonly MenuItem[] => [
  {
    title: t('Save Values as .npy...'),
    run: () => {
      const base64 = toBase64(npy([map.height, map.width], map.data));
      send({ type: 'save', name: `${name}.npy`, base64 });
    },
  },
  { title: t('Copy Values'), run: () => send({ type: 'copy', text: tabbed(mapTable(map)) }) },
  ...FORMATS.map((format) => ({
    title: formatTitles[format],
    run: () => send({ type: 'copy', text: tableText(mapTable(map), format, false) }),
  })),
];

/** Of a table with a head. */
export function tableItems(table: () => Table, name: string, send: Send): readonly MenuItem[] {
  return [
    { title: t('Copy Values'), run: () => send({ type: 'copy', text: tabbed(table()) }) },
    { title: t('Copy as CSV'), run: () => send({ type: 'copy', text: tableText(table(), 'csv', true) }) },
    {
      title: t('Copy as Markdown'),
      run: () => send({ type: 'copy', text: tableText(table(), 'markdown', true) }),
    },
    {
      title: t('Save as CSV...'),
      run: () => {
        const base64 = toBase64(new TextEncoder().encode(tableText(table(), 'csv', true)));
        send({ type: 'save', name: `${name}.csv`, base64 });
      },
    },
  ];
}

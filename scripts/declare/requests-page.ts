/** docs/requests.md: what another editor can ask the server, from the rows of protocol/requests.ts and the types that they name. */
import ts from 'typescript';
import { optionRows, type NamedOption } from '../../protocol/options';
import { notifications, requests, type Parameter, type RequestKey } from '../../protocol/requests';
import { expected } from '../../protocol/values';
import { ANALYSIS_STEPS, idsOf } from '../../protocol/vocabulary';
import { bring, read } from './files';
import { sentence } from './text';

const FILE = 'docs/requests.md';

const code = (text: string): string => `\`${text.replace(/\s+/g, ' ')}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);

const declaredRows = ['requests', 'report-requests', 'hand-requests', 'check-requests'].map((name) =>
  parse(`protocol/${name}.ts`),
);
/** Where the types of answers are declared. */
const sources = [
  'request-row',
  'answers',
  'evaluation',
  'checks',
  'failure',
  'failure-codes',
  'analysis',
].map((name) => parse(`protocol/${name}.ts`));

/** What is not printed. */
const elsewhere = [
  '`Report`, and what it is made of, is in [protocol/report.schema.json](../protocol/report.schema.json).',
  `\`AnalysisStep\` is one of ${idsOf(ANALYSIS_STEPS).map(code).join(', ')}.`,
].join(' ');

/** The type that a row holds, such as `of<FinishedReport>()`. @param list the exported object of rows */
function heldType(list: 'requests' | 'notifications', row: string): ts.TypeNode {
  const lists: readonly (string | undefined)[] =
    list === 'requests' ? [list, 'reportRequests', 'handRequests', 'checkRequests'] : [list];
  let found: ts.TypeNode | undefined;
  const visit = (node: ts.Node, path: readonly string[]): void => {
    const here =
      (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) && ts.isIdentifier(node.name)
        ? [...path, node.name.text]
        : path;
    if (
      ts.isCallExpression(node) &&
      node.expression.getText() === 'of' &&
      lists.includes(here[0]) &&
      here[1] === row
    )
      found = node.typeArguments?.[0];
    ts.forEachChild(node, (child) => visit(child, here));
  };
  for (const rows of declaredRows) visit(rows, []);
  if (found === undefined) throw new Error(`protocol/requests.ts: ${list}.${row} names no type.`);
  return found;
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

const declarations: readonly Declaration[] = sources.flatMap((source) =>
  source.statements.filter(
    (statement): statement is Declaration =>
      ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement),
  ),
);

/** The name of a type where a node refers to one: as a type, or behind `extends`. */
function referredTo(node: ts.Node): string | null {
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) return node.typeName.text;
  if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) return node.expression.text;
  return null;
}

/** The declarations that a type refers to, directly or indirectly, each once. */
function named(type: ts.Node, known: Map<string, Declaration>): void {
  const visit = (node: ts.Node): void => {
    const text = referredTo(node);
    if (text !== null) {
      const declaration = declarations.find(({ name }) => name.text === text);
      if (declaration !== undefined && !known.has(text)) {
        known.set(text, declaration);
        ts.forEachChild(declaration, visit);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(type);
}

const form = ({ kind, optional }: Parameter): string => {
  const what = kind.is === 'options' ? 'an object of [options](#options)' : expected(kind);
  return optional === true ? `${what}, or null or absent` : what;
};

function parameterTable(parameters: Readonly<Record<string, Parameter>>): string {
  const rows = Object.entries(parameters);
  if (rows.length === 0) return 'No parameters.';
  return [
    '| parameter | should be | what it is |',
    '|---|---|---|',
    ...rows.map(([name, row]) => `| ${code(name)} | ${cell(form(row))} | ${cell(row.help)} |`),
  ].join('\n');
}

function optionLine({ name, kind, default: standard, help }: NamedOption): string {
  const orNull = standard === null ? ', or null' : '';
  return `| ${code(name)} | ${cell(expected(kind))}${orNull} | ${cell(sentence(help))} |`;
}

const requestEntry = (key: RequestKey): string => {
  const { method, does, parameters } = requests[key];
  const type = heldType('requests', key).getText();
  return `### ${code(method)}\n\n${does}\n\n${parameterTable(parameters)}\n\nAnswer: ${code(type)}.`;
};

const notificationEntry = (key: keyof typeof notifications): string => {
  const { method, does } = notifications[key];
  return `### ${code(method)}\n\n${does}\n\nParameters: ${code(heldType('notifications', key).getText())}.`;
};

const withHeading = (heading: string, parts: readonly string[]): string =>
  [`## ${heading}`, ...parts].join('\n\n');

function typeSection(): string {
  const outcome = declarations.filter(({ name }) => name.text === 'Outcome');
  const known = new Map(outcome.map((declaration) => ['Outcome', declaration] as const));
  for (const declaration of outcome) named(declaration, known);
  for (const key of Object.keys(requests)) named(heldType('requests', key), known);
  for (const key of Object.keys(notifications)) named(heldType('notifications', key), known);
  const texts = [...known.values()].map((declaration) => {
    const comment = ts.getLeadingCommentRanges(declaration.getFullText(), 0) ?? [];
    const last = comment.at(-1);
    const above = last === undefined ? '' : `${declaration.getFullText().slice(last.pos, last.end)}\n`;
    return `${above}${declaration.getText().replace(/^export /, '')}`;
  });
  return withHeading('Types', [elsewhere, `\`\`\`ts\n${texts.join('\n\n')}\n\`\`\``]);
}

function page(): string {
  const keys = Object.keys(notifications) as (keyof typeof notifications)[];
  const from = (who: 'client' | 'server') =>
    keys.filter((key) => notifications[key].from === who).map(notificationEntry);
  return [
    '# Requests of the server\n\nFor clients in other editors ([how to start the server](editors.md)). Generated from `protocol/requests.ts` by `npm run declare`.',
    'Every request answers with an `Outcome`: `{ "ok": true, "value": ... }` with what its section says, or `{ "ok": false, "failure": ... }`. Additional properties of a request are ignored. A request that computes ' +
      'may carry `workDoneToken`, and can be stopped by `$/cancelRequest` as well as by `inferenceLens/cancel`.',
    withHeading('Requests, client to server', (Object.keys(requests) as RequestKey[]).map(requestEntry)),
    withHeading('Notifications, client to server', from('client')),
    withHeading('Notifications, server to client', from('server')),
    withHeading('Options', [
      'Options of an analysis. One that is not given has the value of the [setting](editor.md#settings) of the same name.',
      ['| option | should be | what it is |', '|---|---|---|', ...optionRows.map(optionLine)].join('\n'),
    ]),
    typeSection(),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/** @returns the files that were not up to date */
export const writeRequestsPage = (): Promise<readonly string[]> => bring(FILE, page);

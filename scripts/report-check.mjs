/**
 * Generates protocol/report-check.ts from protocol/report.schema.json: the schema as code, so that nothing reads or interprets
 * a schema at run time. `npm run build` does it by itself; `node scripts/report-check.mjs` alone; a test compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatted } from './formatting.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemaFile = join(root, 'protocol', 'report.schema.json');
export const generatedFile = join(root, 'protocol', 'report-check.ts');

/** Says nothing of what is allowed. */
const remarks = ['$schema', '$id', 'title', 'description', 'definitions', 'default', 'examples'];
const source = (value) => JSON.stringify(value);
const record = (entries) => `{ ${entries.map(([key, value]) => `${source(key)}: ${value}`).join(', ')} }`;

/** Options that were given, as an object literal; nothing if none was. */
function options(given) {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? '' : record(entries.map(([key, value]) => [key, source(value)]));
}

/** The expression for a schema. Throws where the schema says something that this does not know, so that nothing is lost. */
function expression(schema, path) {
  const left = new Map(Object.entries(schema).filter(([key]) => !remarks.includes(key)));
  const take = (key) => {
    const value = left.get(key);
    left.delete(key);
    return value;
  };
  const made = make(take, path);
  take('$comment'); // how a text is named to a reader; says nothing elsewhere
  if (left.size > 0)
    throw new Error(`${path}: the generator of checks does not know ${[...left.keys()].join(', ')}.`);
  return made;
}

/** Words of an enumeration that are written one below the other by the formatter, unless they stand in one text. */
const MANY = 6;

/** Words without spaces, as a text of several lines. */
function manyWords(words) {
  if (!words.every((word) => /^[\w.+-]+$/.test(word)))
    throw new Error(`${words.join(', ')}: expected plain words.`);
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1);
    if (last.length + word.length > 104) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return `oneOf(...wordsOf(\`${lines.join('\n    ')}\`))`;
}

function make(take, path) {
  const reference = take('$ref');
  if (reference !== undefined) return reference.replace('#/definitions/', '');
  const choices = take('anyOf') ?? take('oneOf');
  if (choices !== undefined)
    return `either(${choices.map((choice, i) => expression(choice, `${path}/${i}`)).join(', ')})`;
  const constant = take('const');
  if (constant !== undefined) return `oneOf(${source(constant)})`;
  const words = take('enum');
  if (words !== undefined)
    return words.length > MANY ? manyWords(words) : `oneOf(${words.map(source).join(', ')})`;
  const type = take('type');
  if (type === undefined) return 'anything';
  if (Array.isArray(type)) {
    // Keywords beside the type apply to the type that is not null.
    const others = type.filter((one) => one !== 'null');
    if (others.length !== 1)
      throw new Error(`${path}: the generator of checks knows one type, or one and null.`);
    return `either(${ofType(others[0], take, path)}, oneOf(null))`;
  }
  return ofType(type, take, path);
}

const numberBounds = (take, whole) => ({
  whole: whole || undefined,
  least: take('minimum'),
  most: take('maximum'),
  multipleOf: take('multipleOf'),
});

function ofType(type, take, path) {
  switch (type) {
    case 'null':
      return 'oneOf(null)';
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'integer':
      return `number(${options(numberBounds(take, type === 'integer'))})`;
    case 'string': {
      const [pattern, least, most] = [take('pattern'), take('minLength'), take('maxLength')];
      if (pattern === undefined && least === undefined && most === undefined) return 'text()';
      if (pattern !== undefined && (least !== undefined || most !== undefined))
        throw new Error(`${path}: give a pattern or a length, not both.`);
      if (pattern !== undefined)
        return `text(${source(take('$comment') ?? `a string like ${pattern}`)}, new RegExp(${source(pattern)}))`;
      const expected = `a string of ${least ?? 0} to ${most ?? 'any number of'} characters`;
      const what = least === 1 && most === undefined ? 'a non-empty string' : expected;
      return `text(${source(what)}, new RegExp(${source(`^[^]{${least ?? 0},${most ?? ''}}$`)}))`;
    }
    case 'array': {
      const bounds = options({
        least: take('minItems'),
        most: take('maxItems'),
        unique: take('uniqueItems'),
      });
      const items = expression(take('items'), `${path}/items`);
      return `list(${[items, bounds].filter(Boolean).join(', ')})`;
    }
    case 'object':
      return objectOf(take, path);
    default:
      throw new Error(`${path}: the generator of checks does not know the type ${source(type)}.`);
  }
}

function objectOf(take, path) {
  // The schema's own test refuses unknown properties in what we write; a reader ignores them.
  take('additionalProperties');
  const required = new Set(take('required') ?? []);
  const parts = Object.entries(take('properties') ?? {}).map(([key, schema]) => [
    key,
    expression(schema, `${path}/${key}`),
  ]);
  const unknown = [...required].filter((key) => !parts.some(([name]) => name === key));
  if (unknown.length > 0)
    throw new Error(`${path}: requires ${unknown.join(', ')}, which it does not describe.`);
  const optional = parts.filter(([key]) => !required.has(key));
  const needed = record(parts.filter(([key]) => required.has(key)));
  return `object(${[needed, ...(optional.length > 0 ? [record(optional)] : [])].join(', ')})`;
}

/** Names that a definition cannot have. */
const helpers = ['anything', 'boolean', 'either', 'list', 'number', 'object', 'oneOf', 'text', 'wordsOf'];

/** Definitions in an order in which each comes after those that it names. */
function inOrder(definitions) {
  const done = new Map();
  const visit = (name, under) => {
    if (done.has(name)) return;
    if (under.includes(name)) throw new Error(`#/definitions/${name} contains itself.`);
    const schema = definitions[name];
    if (schema === undefined) throw new Error(`There is no #/definitions/${name}.`);
    for (const [, named] of source(schema).matchAll(/"#\/definitions\/([^"]+)"/g))
      visit(named, [...under, name]);
    if (helpers.includes(name))
      throw new Error(`#/definitions/${name}: give it another name; a helper has it.`);
    done.set(name, schema);
  };
  for (const name of Object.keys(definitions)) visit(name, []);
  return [...done];
}

/** The file's text for a schema, as the formatter has it. */
export async function reportCheckSource(schema) {
  const lines = [
    '/** Generated from report.schema.json by scripts/report-check.mjs; change the schema, not this file. */',
    'HEAD',
    ...inOrder(schema.definitions).map(
      ([name, definition]) => `const ${name} = ${expression(definition, `#/definitions/${name}`)};`,
    ),
    '',
    '/** Whether a value has the form of a report. Sizes and counts are another matter: report-bounds.ts. */',
    `export const checkReportForm: Check = ${expression(schema, '#')};`,
  ];
  const text = lines.join('\n');
  const used = helpers.filter((name) => new RegExp(`\\b${name}\\b[(,\\s}]`).test(text));
  const head = `import { ${used.join(', ')}, type Check } from './check';\n`;
  return formatted(
    generatedFile,
    text.replace('HEAD', () => head),
  );
}

/** Brings the file up to date. @returns whether it was not */
export async function writeReportCheck() {
  const text = await reportCheckSource(JSON.parse(readFileSync(schemaFile, 'utf8')));
  let present = '';
  try {
    present = readFileSync(generatedFile, 'utf8');
  } catch {
    // not generated yet
  }
  if (present === text) return false;
  writeFileSync(generatedFile, text);
  return true;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  void writeReportCheck().then((changed) => {
    console.log(changed ? `wrote ${generatedFile}` : `${generatedFile} is up to date`);
  });

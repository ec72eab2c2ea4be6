/** Labels of a COCO file: the category of a picture's annotations, where they are all of one. */
import { LensError } from '../../errors';

interface CocoEntry {
  readonly path: string;
  readonly label: string | null;
}

/** @throws LensError of kind `usage` where the file has another form, or a picture has several categories */
export function* cocoEntries(text: string, manifest: string): Generator<CocoEntry, void, undefined> {
  const { images, annotations, categories } = formOf(text, manifest);
  const names = namesOf(categories, manifest);
  const found = new Map<unknown, Set<string>>(images.map(({ id }) => [id, new Set<string>()]));
  if (found.size < images.length) throw wrong(manifest, 'several images with the same id');
  annotations.forEach(({ image_id: image, category_id: category }, at) => {
    const name = names.get(category);
    if (name === undefined)
      throw wrong(manifest, `annotation ${at + 1} of category ${shown(category)}, which is not listed`);
    const labels = found.get(image);
    if (labels === undefined)
      throw wrong(manifest, `annotation ${at + 1} of image ${shown(image)}, which is not listed`);
    labels.add(name);
  });
  for (const { id, file_name: path } of images) {
    if (typeof path !== 'string' || path.trim() === '' || path.includes('\0'))
      throw wrong(manifest, `image ${shown(id)} without a file_name`);
    const labels = [...(found.get(id) ?? [])];
    if (labels.length > 1)
      throw wrong(
        manifest,
        `${path} with several (${labels.slice(0, 5).join(', ')}): a picture needs one label`,
      );
    yield { path, label: labels[0] ?? null };
  }
}

function namesOf(categories: readonly Part[], manifest: string): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>();
  for (const { id, name } of categories) {
    if (typeof name !== 'string' || name === '')
      throw wrong(manifest, `category ${shown(id)} without a name`);
    if (names.has(id)) throw wrong(manifest, `several categories with the id ${shown(id)}`);
    names.set(id, name);
  }
  return names;
}

/** Texts and numbers are told apart: 1 is not "1". */
const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value).slice(0, 80));

type Part = Readonly<Record<string, unknown>>;

function formOf(
  text: string,
  manifest: string,
): {
  readonly images: readonly Part[];
  readonly annotations: readonly Part[];
  readonly categories: readonly Part[];
} {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const [, position] = /position (\d+)/.exec(reason) ?? [];
    const line = position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`;
    throw wrong(`${manifest}${line}`, `text that is not JSON (${reason})`);
  }
  const parts = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const listOf = (key: string): readonly Part[] => {
    const list = parts[key];
    if (!Array.isArray(list) || !list.every((each) => typeof each === 'object' && each !== null))
      throw wrong(manifest, `no list "${key}"`);
    return list as readonly Part[];
  };
  return { images: listOf('images'), annotations: listOf('annotations'), categories: listOf('categories') };
}

const wrong = (manifest: string, found: string): LensError =>
  new LensError(
    'usage',
    `${manifest}: expected COCO's form (images, annotations and categories, one category a picture), found ${found}.`,
    { fix: 'Other lists of pictures are read as .csv or .jsonl.' },
  );

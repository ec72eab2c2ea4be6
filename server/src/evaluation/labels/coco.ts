/** Labels of a COCO file: the category of a picture's annotations, where they are all of one. */
import { LensError } from '../../errors';

interface CocoEntry {
  readonly path: string;
  readonly label: string | null;
}

/** @throws LensError of kind `usage` where the file has another form, or a picture has several categories */
export function* cocoEntries(text: string, manifest: string): Generator<CocoEntry, void, undefined> {
  const { images, annotations, categories } = formOf(text, manifest);
  const names = new Map(categories.map(({ id, name }) => [id, String(name)] as const));
  const found = new Map<unknown, Set<string>>();
  for (const { image_id: image, category_id: category } of annotations) {
    const name = names.get(category);
    if (name === undefined)
      throw wrong(manifest, `an annotation of category ${String(category)}, which is not listed`);
    const set = found.get(image) ?? new Set<string>();
    found.set(image, set.add(name));
  }
  for (const { id, file_name: path } of images) {
    if (typeof path !== 'string' || path === '')
      throw wrong(manifest, `image ${String(id)} without a file_name`);
    const labels = [...(found.get(id) ?? [])];
    if (labels.length > 1)
      throw wrong(
        manifest,
        `${path} with several (${labels.slice(0, 5).join(', ')}): a picture needs one label`,
      );
    yield { path, label: labels[0] ?? null };
  }
}

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
    throw wrong(
      manifest,
      `text that is not JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`,
    );
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

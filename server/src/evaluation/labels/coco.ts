/** Labels of a COCO file: the categories of a picture's annotations. Entries are read one by one, masks and boxes passed over. */
import { LensError } from '../../errors';
import { listElements, NotAnObject } from './json-lists';
import { SEPARATOR } from './several';

interface CocoEntry {
  readonly path: string;
  readonly label: string | null;
}

/**
 * A picture whose annotations are of several categories has several labels, in the order in which categories are listed.
 * @throws LensError of kind `usage` where the file has another form
 */
export async function* cocoEntries(manifest: string): AsyncGenerator<CocoEntry, void, undefined> {
  const coco = new Coco(manifest);
  try {
    for await (const element of listElements(manifest)) {
      if ('begins' in element) coco.lists.add(element.begins);
      else coco.take(element.list, element.value);
    }
  } catch (thrown) {
    if (thrown instanceof NotAnObject) throw wrong(`${manifest}:${thrown.line}`, thrown.found);
    throw thrown;
  }
  yield* coco.entries();
}

/** Ids are of any kind; texts and numbers are told apart: 1 is not "1". */
type Id = unknown;
type Part = Readonly<Record<string, unknown>>;

const LISTS = ['images', 'annotations', 'categories'] as const;

class Coco {
  /** Keys of the file's lists. */
  readonly lists = new Set<string>();
  private readonly images = new Map<Id, string>();
  private readonly names = new Map<Id, string>();
  /** By image; most have annotations of only one category. Lists may come in any order. */
  private readonly found = new Map<Id, { readonly at: number; readonly categories: Id[] }>();
  /** First annotation of each category. */
  private readonly used = new Map<Id, number>();
  private annotations = 0;

  constructor(private readonly manifest: string) {}

  take(list: string, value: unknown): void {
    if (!LISTS.some((name) => name === list)) return;
    if (typeof value !== 'object' || value === null) throw this.wrong(`no list "${list}" of objects`);
    const part = value as Part;
    if (list === 'images') this.image(part);
    else if (list === 'categories') this.category(part);
    else this.annotation(part);
  }

  private image({ id, file_name: path }: Part): void {
    if (this.images.has(id)) throw this.wrong(`several images with the same id (${shown(id)})`);
    if (typeof path !== 'string' || path.trim() === '' || path.includes('\0'))
      throw this.wrong(`image ${shown(id)} without a file_name`);
    this.images.set(id, path);
  }

  private category({ id, name }: Part): void {
    if (typeof name !== 'string' || name === '') throw this.wrong(`category ${shown(id)} without a name`);
    if (this.names.has(id)) throw this.wrong(`several categories with the id ${shown(id)}`);
    this.names.set(id, name);
  }

  private annotation({ image_id: image, category_id: category }: Part): void {
    const at = ++this.annotations;
    if (!this.used.has(category)) this.used.set(category, at);
    const found = this.found.get(image);
    if (found === undefined) this.found.set(image, { at, categories: [category] });
    else if (!found.categories.includes(category)) found.categories.push(category);
  }

  *entries(): Generator<CocoEntry, void, undefined> {
    const absent = LISTS.find((name) => !this.lists.has(name));
    if (absent !== undefined) throw this.wrong(`no list "${absent}"`);
    for (const [category, at] of this.used)
      if (!this.names.has(category))
        throw this.wrong(`annotation ${at} of category ${shown(category)}, which is not listed`);
    for (const [image, { at }] of this.found)
      if (!this.images.has(image))
        throw this.wrong(`annotation ${at} of image ${shown(image)}, which is not listed`);
    const order = new Map([...this.names.keys()].map((id, at) => [id, at]));
    const placeOf = (id: Id): number => order.get(id) ?? 0;
    for (const [id, path] of this.images) {
      const categories = this.found.get(id)?.categories ?? [];
      const names = categories
        .toSorted((a, b) => placeOf(a) - placeOf(b))
        .map((each) => this.names.get(each));
      yield { path, label: names.length === 0 ? null : [...new Set(names)].join(SEPARATOR) };
    }
  }

  private wrong(found: string): LensError {
    return wrong(this.manifest, found);
  }
}

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value).slice(0, 80));

const wrong = (place: string, found: string): LensError =>
  new LensError(
    'usage',
    `${place}: expected COCO's form (lists of images, annotations and categories), found ${found}.`,
    { fix: 'Other lists of pictures are read as .csv or .jsonl.' },
  );

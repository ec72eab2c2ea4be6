/** PNG files of what does not change between analyses of one picture: drawn for the first, written again for the others. */

type Content = Uint8Array | string;

/** Bytes of a file above which it is drawn again rather than kept. */
const MOST_BYTES = 32e6;

/** What a picture is drawn from, none of which ever changes; the file goes with it. */
export interface DrawnFrom {
  readonly of: object;
  /** What else it shows. */
  readonly key?: string;
}

export class KeptPictures {
  private readonly kept = new WeakMap<object, Map<string, Content>>();

  /** @param path of the file, by which the pictures of one object are told apart */
  async get(
    { of, key = '' }: DrawnFrom,
    path: string,
    draw: () => Content | Promise<Content>,
  ): Promise<Content> {
    const files = this.kept.get(of) ?? new Map<string, Content>();
    this.kept.set(of, files);
    const name = `${path} ${key}`;
    const known = files.get(name);
    if (known !== undefined) return known;
    const drawn = await draw();
    if (drawn.length <= MOST_BYTES) files.set(name, drawn);
    return drawn;
  }
}

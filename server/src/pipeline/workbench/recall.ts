/**
 * Caches what the last analyses of this process found, keyed by all that it depends on: for another target, an analysis repeats only what
 * changes. All cached values are immutable.
 */
import type { Painted } from '../../../../painting/strokes';
import type { Detector } from '../../detection/detector';
import type { Face } from '../../detection/face';
import type { DecodedImage } from '../../imaging/decode';
import { hashImage } from '../../imaging/decode';
import type { RgbImage } from '../../imaging/image';
import { KeptPictures } from '../../report/kept-pictures';

/** Bytes of a decoded picture above which it is decoded again rather than cached. */
const MOST_PIXEL_BYTES = 64e6;
/** Edited versions of a picture that are cached: the last two. */
const MOST_PAINTED = 2;
/** Prepared pictures (of two boxes, say) and explained targets that are cached. */
const MOST_PREPARED = 2;
const MOST_EXPLAINED = 8;

/** The most recently used values. */
class Latest<T> {
  private readonly values = new Map<string, T>();

  constructor(private readonly most: number) {}

  get(key: string): T | undefined {
    const value = this.values.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.values.delete(key);
    this.values.set(key, value);
    const [oldest] = this.values.keys();
    if (this.values.size > this.most && oldest !== undefined) this.values.delete(oldest);
  }
}

export class Recall<Prepared extends object, Explained> {
  /** Of what is cached here: each goes with the picture that it was drawn from. */
  readonly pictures = new KeptPictures();
  private image: { readonly path: string; readonly decoded: DecodedImage } | null = null;
  private faces = new WeakMap<RgbImage, WeakMap<object, readonly Face[]>>();
  private painted = new WeakMap<RgbImage, Latest<Painted>>();
  private prepared = new WeakMap<RgbImage, Latest<Prepared>>();
  private explained = new WeakMap<Float32Array, Latest<Explained>>();

  /** The picture, decoded again unless the file still has the same bytes. */
  async decode(path: string, decode: () => Promise<DecodedImage>): Promise<DecodedImage> {
    const { image } = this;
    // A file that cannot be read is for `decode` to refuse.
    if (image?.path === path && (await hashImage(path).catch(() => null)) === image.decoded.sha256)
      return image.decoded;
    this.image = null; // free the memory before another takes it
    const decoded = await decode();
    if (decoded.image.data.byteLength <= MOST_PIXEL_BYTES) this.image = { path, decoded };
    return decoded;
  }

  /** The same detector, with the last picture's faces cached. */
  detector(detector: Detector): Detector {
    return {
      ...{ id: detector.id, describe: () => detector.describe(), dispose: () => detector.dispose() },
      ...(detector.ranOn === undefined
        ? {}
        : { ranOn: () => detector.ranOn?.() as ReturnType<NonNullable<Detector['ranOn']>> }),
      detect: async (image, signal) => {
        const known = this.faces.get(image) ?? new WeakMap<object, readonly Face[]>();
        const found = known.get(detector) ?? (await detector.detect(image, signal));
        this.faces.set(image, known.set(detector, found));
        return found;
      },
    };
  }

  /** A picture painted over by hand. @param key of the strokes */
  paint(image: RgbImage, key: string, paint: () => Painted): Painted {
    const known = this.painted.get(image) ?? new Latest<Painted>(MOST_PAINTED);
    const painted = known.get(key) ?? paint();
    known.set(key, painted);
    this.painted.set(image, known);
    return painted;
  }

  /** @param key everything besides the picture that the steps depend on */
  prepare(image: RgbImage, key: string, prepare: () => Prepared): Prepared {
    const known = this.prepared.get(image) ?? new Latest<Prepared>(MOST_PREPARED);
    const prepared = known.get(key) ?? prepare();
    known.set(key, prepared);
    this.prepared.set(image, known);
    return prepared;
  }

  /** @param key graph and target, which the run also depends on. Undefined where it has not run */
  findExplained(tensor: Float32Array, key: string): Explained | undefined {
    return this.explained.get(tensor)?.get(key);
  }

  keepExplained(tensor: Float32Array, key: string, explained: Explained): void {
    const known = this.explained.get(tensor) ?? new Latest<Explained>(MOST_EXPLAINED);
    known.set(key, explained);
    this.explained.set(tensor, known);
  }

  /** Frees the memory. */
  forget(): void {
    this.image = null;
    this.faces = new WeakMap();
    this.painted = new WeakMap();
    this.prepared = new WeakMap();
    this.explained = new WeakMap();
  }
}

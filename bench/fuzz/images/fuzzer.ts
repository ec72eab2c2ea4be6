/** Decodes broken images: each is a picture of the size it says, or refused in one of the sentences for users. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LensError } from '../../../server/src/errors';
import { decodeImage } from '../../../server/src/imaging/decode';
import type { Fuzzer, Outcome } from '../kind';
import { makeCase } from './mutate';
import type { Sample } from './mutate';

const fixtures = join(__dirname, '..', '..', '..', 'test', 'fixtures', 'images');

export async function openImageFuzzer(): Promise<Fuzzer> {
  const samples: Sample[] = readdirSync(fixtures)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(fixtures, name)) }));
  // What the product loads once is not a picture's doing.
  for (const name of ['rgb.png', 'rgb-420.jpg', 'lossy.avif', 'lossy.webp'])
    await decodeImage(join(fixtures, name));
  return {
    make(random, folder) {
      const { sample, bytes } = makeCase(samples, random);
      const path = join(folder, sample.name);
      writeFileSync(path, bytes);
      return Promise.resolve({ sample: sample.name, path });
    },
    attempt: ({ path, sample }) => attempt(path, sample),
  };
}

/** The four sentences about pictures, and those about files that are none. */
const sentence = /^(.+?) (is (an?|not an?|too large|empty)|contains|may not be read)\b/;

async function attempt(path: string, name: string): Promise<Outcome> {
  try {
    const { image, width, height } = await decodeImage(path);
    const whole =
      image.width === width && image.height === height && image.data.length === width * height * 3;
    return {
      outcome: whole ? 'read' : 'read, with another size than it says',
      accepted: true,
      broken: !whole,
    };
  } catch (error) {
    if (!(error instanceof LensError) || error.kind !== 'image') throw error;
    const { message, fix } = error;
    const worded = message.startsWith(name) && sentence.test(message) && fix !== undefined;
    return { outcome: general(message.slice(name.length + 1)), accepted: false, broken: !worded };
  }
}

/** The message without what differs from case to case. */
function general(message: string): string {
  return message
    .replace(/"[^"]*"/g, '"..."')
    .replace(/(it begins with) .*/, '$1 ...')
    .replace(/\(.*\)/, '(...)')
    .replace(/0x[0-9a-f]+/g, '0x##')
    .replace(/-?\d[\d.,e+]*/g, '#');
}

/** Which writer's files are beside a model: the first that knows how pictures are prepared. */
import { fromCustomVision } from './custom-vision';
import { fromConfig, fromProcessor } from './hugging-face';
import { fromPaddleClas, PADDLE_FILES } from './paddle-clas';
import { fromTeachableMachine } from './teachable-machine';
import { fromTimm } from './timm';
import type { ReadBeside, Values, Written } from './writer';

/** Files that are read here, for those who have to say that they were not. */
export const WRITERS_FILES: readonly string[] = [
  ...['preprocessor_config.json', 'processor_config.json', 'config.json'],
  ...['cvexport.manifest', 'metadata_properties.json', 'metadata.json'],
  ...PADDLE_FILES,
];

/** Empty where none is known. */
export async function writtenBeside(written: Written, read: ReadBeside): Promise<Values> {
  const config = await read('config.json');
  const reading = config === null ? {} : fromConfig(config);
  const timm = config === null ? null : fromTimm(config, written);
  return { ...reading, ...((await processor(read)) ?? timm ?? (await others(written, read))) };
}

async function processor(read: ReadBeside): Promise<Values | null> {
  for (const name of ['preprocessor_config.json', 'processor_config.json']) {
    const file = await read(name);
    const found = file === null ? null : fromProcessor(file);
    if (found !== null) return found;
  }
  return null;
}

async function others(written: Written, read: ReadBeside): Promise<Values> {
  const custom = await fromCustomVision(written, read);
  if (custom !== null) return custom;
  const teachable = await read('metadata.json');
  const taught = teachable === null ? null : fromTeachableMachine(teachable);
  if (taught !== null) return taught;
  for (const name of PADDLE_FILES) {
    const file = await read(name);
    const found = file === null ? null : await fromPaddleClas(file, read);
    if (found !== null) return found;
  }
  return {};
}

/** What a file beside a checkpoint says of the network itself. */
import { mainFile } from '../checkpoints/shards';
import { readerOf } from '../lens/sources/files';
import { jsonObject, textAt } from '../lens/writers/json';
import { isOnnxFile } from '../store/model-files';

/**
 * @param architecture as what the checkpoint is read; asked only where a file says something of it
 * @throws LensError of kind `model` where `config.json` contradicts it
 */
export async function agreeWithConfig(path: string, architecture: () => Promise<string>): Promise<void> {
  const main = await mainFile(path);
  // A graph says itself what it computes.
  if (isOnnxFile(main)) return;
  const file = await readerOf(main)('config.json');
  const said = file === null ? null : jsonObject(file.text);
  if (file === null || said === null || textAt(said, 'model_type') === null) return;
  // Every network is in that code.
  const { refuseOtherConfig } = await import('../architectures/saved-config');
  refuseOtherConfig(await architecture(), said, path, file.place);
}

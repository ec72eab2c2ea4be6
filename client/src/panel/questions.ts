/** Questions of a panel's page about the report in view, each answered with one message. */
import { readMapSlices, type MapsPlace } from '../../../files/report-folder';
import type { FromPanel, ToPanel } from '../../../protocol/panel';
import type { Analyzer } from '../report/analyzer';
import { copyPython } from './exports';

type Question<Type extends FromPanel['type']> = Extract<FromPanel, { type: Type }>;

/**
 * @param placeOf where the maps lie, asked again after reading: a run's folder is renamed when its report is complete, and then they are
 * read where they lie now
 */
export async function mapsAnswer(
  { folder, slices }: Question<'maps'>,
  placeOf: () => MapsPlace | null,
): Promise<ToPanel | null> {
  for (let place = placeOf(); place !== null;) {
    const read = await readMapSlices(place, slices);
    const now = placeOf();
    if (now !== place) place = now;
    else if (!read.ok) return { type: 'mapsFailed', folder, failure: read.failure };
    else {
      const maps = slices.map((slice, i) => ({
        slice,
        base64: (read.value[i] as Buffer).toString('base64'),
      }));
      return { type: 'maps', folder, maps };
    }
  }
  return null;
}

async function detailsAnswer(
  { layer, channels }: Question<'layerDetails'>,
  analyzer: Analyzer,
  folder: string,
): Promise<ToPanel> {
  const outcome = await analyzer.layerDetails(folder, layer, channels).done;
  return outcome.ok
    ? { type: 'layerDetails', layer, details: outcome.value }
    : { type: 'layerDetailsFailed', layer, failure: outcome.failure };
}

async function channelsAnswer(
  { layer, from }: Question<'layerChannels'>,
  analyzer: Analyzer,
  folder: string,
): Promise<ToPanel> {
  const outcome = await analyzer.layerChannels(folder, layer, from).done;
  return outcome.ok
    ? { type: 'layerChannels', page: outcome.value }
    : { type: 'layerChannelsFailed', layer, failure: outcome.failure };
}

async function stepAnswer(
  { step }: Question<'stepPictures'>,
  analyzer: Analyzer,
  folder: string,
): Promise<ToPanel> {
  const outcome = await analyzer.stepPictures(folder, step).done;
  return outcome.ok
    ? { type: 'stepPictures', step, pictures: outcome.value.pictures }
    : { type: 'stepPicturesFailed', step, failure: outcome.failure };
}

/** What the server computes about the report in view. */
export function reportAnswer(
  message: Question<'layerDetails' | 'layerChannels' | 'stepPictures' | 'copyPython'>,
  analyzer: Analyzer,
  folder: string,
): Promise<ToPanel> {
  switch (message.type) {
    case 'layerDetails':
      return detailsAnswer(message, analyzer, folder);
    case 'layerChannels':
      return channelsAnswer(message, analyzer, folder);
    case 'stepPictures':
      return stepAnswer(message, analyzer, folder);
    case 'copyPython':
      return copyPython(message, analyzer, folder);
  }
}

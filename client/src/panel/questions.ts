/** Questions of a panel's page about the report in view, each answered with one message. */
import { readMapSlices } from '../../../files/report-folder';
import type { FromPanel, SentToPanel } from '../../../protocol/panel';
import type { Analyzer } from '../report/analyzer';
import { copyPython } from './exports';
import type { MapPlaces } from './mapPlaces';

type Question<Type extends FromPanel['type']> = Extract<FromPanel, { type: Type }>;

/**
 * @param places asked again after reading: a run's folder is renamed when its report is complete, and then its maps are read where they
 * lie now
 * @param end of the run that goes on: what has a new name already is known by it only then
 */
export async function mapsAnswer(
  { folder, slices }: Question<'maps'>,
  places: Pick<MapPlaces, 'of'>,
  end: () => Promise<unknown> | undefined,
): Promise<SentToPanel | null> {
  for (let place = places.of(folder); place !== null;) {
    const read = await readMapSlices(place, slices);
    if (!read.ok) await end();
    const now = places.of(folder);
    if (now !== place) place = now;
    else if (!read.ok) return { type: 'mapsFailed', folder, failure: read.failure };
    else return { type: 'maps', folder, slices, bytes: joined(read.value) };
  }
  return null;
}

/** The editor hands on buffers of their own, neither Node's nor parts of one. */
function joined(parts: readonly Buffer[]): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}

async function detailsAnswer(
  { layer, channels }: Question<'layerDetails'>,
  analyzer: Analyzer,
  folder: string,
): Promise<SentToPanel> {
  const outcome = await analyzer.layerDetails(folder, layer, channels).done;
  return outcome.ok
    ? { type: 'layerDetails', layer, details: outcome.value }
    : { type: 'layerDetailsFailed', layer, failure: outcome.failure };
}

async function channelsAnswer(
  { layer, from }: Question<'layerChannels'>,
  analyzer: Analyzer,
  folder: string,
): Promise<SentToPanel> {
  const outcome = await analyzer.layerChannels(folder, layer, from).done;
  return outcome.ok
    ? { type: 'layerChannels', page: outcome.value }
    : { type: 'layerChannelsFailed', layer, failure: outcome.failure };
}

async function stepAnswer(
  { step }: Question<'stepPictures'>,
  analyzer: Analyzer,
  folder: string,
): Promise<SentToPanel> {
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
): Promise<SentToPanel> {
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

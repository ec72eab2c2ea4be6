/** Everything that is written from what protocol/ declares once. */
import { writeDocs } from './docs';
import { writeManifest } from './manifest';
import { writeRequestsPage } from './requests-page';
import { writeSchema } from './schema';

/** @returns the files that were not up to date, and now are */
export async function writeDeclared(): Promise<readonly string[]> {
  return [
    ...(await writeSchema()),
    ...(await writeManifest()),
    ...(await writeDocs()),
    ...(await writeRequestsPage()),
  ];
}

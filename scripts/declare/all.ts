/** Everything that is written from what is declared once, in protocol/ and in the files of families and sections. */
import { writeDocs } from './docs';
import { writeFamilies } from './families';
import { writeLensSchemas } from './lens';
import { writeManifest } from './manifest';
import { writeRequestsPage } from './requests-page';
import { writeSchema } from './schema';
import { writeSections } from './sections';

/** @returns the files that were not up to date, and now are */
export async function writeDeclared(): Promise<readonly string[]> {
  return [
    ...(await writeFamilies()),
    ...(await writeSections()),
    ...(await writeSchema()),
    ...(await writeLensSchemas()),
    ...(await writeManifest()),
    ...(await writeDocs()),
    ...(await writeRequestsPage()),
  ];
}

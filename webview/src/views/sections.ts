/** The sections of a report, from top to bottom. Written by `npm run declare` from the files beside it that export one: do not edit. */
import { aboutSection } from './About';
import { classifierSection } from './ClassifierSection';
import { editingSection } from './Editing';
import { journeySection } from './Journey';
import { lensSection } from './LensSection';
import { preparationSection } from './Preparation';
import type { ReportSection } from './Section';

export const sections: readonly ReportSection[] = [
  preparationSection,
  editingSection,
  journeySection,
  classifierSection,
  lensSection,
  aboutSection,
];

/** Folders that hold a report, which is full of pictures itself: who looks for pictures passes over them. */
import type { Dirent } from 'node:fs';

/** The name that reports are given. */
export const isReportName = (name: string): boolean => /_inference_.+_\d{8}_\d{6}(_\d+)?$/.test(name);

/** Whatever its name is now. */
export const holdsReport = (entries: readonly Dirent[]): boolean =>
  ['report.json', 'maps.bin', 'steps'].every((name) => entries.some((entry) => entry.name === name));

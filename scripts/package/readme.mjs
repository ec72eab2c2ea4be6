/**
 * The README of a package, for people who read it before they install: docs/marketplace.md, with its links
 * made relative to the root.
 */
import { posix } from 'node:path';

/** @param {string} text of docs/marketplace.md. @returns it as README.md at the root of the package */
export const packageReadme = (text) =>
  text.replaceAll(
    /\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)/g,
    (_, path, anchor = '') => `](${posix.join('docs', path)}${anchor})`,
  );

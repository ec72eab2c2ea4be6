/**
 * `npm run pictures`: the pictures of README, Marketplace page and walkthrough, made by driving VS Code as a user would.
 * They are committed: run this after the panel has changed, and look at what it made.
 */
import { join } from 'node:path';
import { build, install, root } from './setup.mjs';

install();
build();
const { tsImport } = await import('tsx/esm/api');
const { takePictures } = await tsImport('../test/e2e/pictures.ts', import.meta.url);
await takePictures({
  report: join(root, 'docs', 'images', 'report.png'),
  tour: join(root, 'docs', 'images', 'tour.gif'),
  walkthrough: join(root, 'client', 'media', 'walkthrough'),
});

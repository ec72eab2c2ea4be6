/**
 * Runs several files of tests in one process: each is a suite of its name, so that its hooks are its own, and reports name it. They are read
 * before the first test runs, and run one after another.
 */
const { join } = require('node:path');
const runner = require('node:test');

const root = join(__dirname, '..', '..');

for (const file of process.argv.slice(2)) runner.describe(file, () => require(join(root, file)));

/**
 * Runs the built command line again and again in this process. Each line of stdin is a run: `{ args, cwd, env }` as JSON. When it has ended,
 * both streams have `end` and its exit code, between characters that nothing prints. Usage: resident-cli.cjs path/of/cli.js
 */
const { writeSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');

const cli = process.argv[2];

async function run({ args, cwd, env }) {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, cli, ...args];
  process.exitCode = undefined;
  delete require.cache[cli];
  require(cli);
  while (process.exitCode === undefined) await sleep(2);
  const code = process.exitCode;
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  // The code of this process itself, when its input ends.
  process.exitCode = 0;
  for (const file of [1, 2]) writeSync(file, `\0end ${code}\0`);
}

let last = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  last = last.then(() => run(JSON.parse(line)));
});

/**
 * What only an extension can ask of VS Code, asked by tests: a request is a file `<id>.request.json` in the folder that the environment
 * names, its answer `<id>.answer.json` beside it.
 */
'use strict';
const { readFileSync, readdirSync, renameSync, unlinkSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

const folder = process.env.INFERENCE_LENS_PROBE;

/** The parts of a tool's result, pictures by their size alone. */
const partOf = (part) =>
  part instanceof vscode.LanguageModelTextPart
    ? { text: part.value }
    : { mimeType: part.mimeType, bytes: part.data?.byteLength ?? null };

/** As a chat would call it. @param cancelAfter milliseconds; null lets it end */
async function invokeTool({ tool, input, cancelAfter = null }) {
  const source = new vscode.CancellationTokenSource();
  if (cancelAfter !== null) setTimeout(() => source.cancel(), cancelAfter);
  const { content } = await vscode.lm.invokeTool(
    tool,
    { input, toolInvocationToken: undefined },
    source.token,
  );
  return content.map(partOf);
}

const calls = {
  language: async () => ({ language: vscode.env.language }),
  tools: async () => vscode.lm.tools.map(({ name, description }) => ({ name, description })),
  invokeTool,
  execute: async ({ command, args = [] }) => (await vscode.commands.executeCommand(command, ...args)) ?? null,
};

async function answer(name) {
  const request = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  unlinkSync(join(folder, name));
  let found;
  try {
    found = { ok: true, value: await calls[request.call](request) };
  } catch (error) {
    found = { ok: false, name: error?.name ?? '', message: error?.message ?? String(error) };
  }
  const to = join(folder, name.replace('.request.', '.answer.'));
  writeFileSync(`${to}.partial`, JSON.stringify(found));
  renameSync(`${to}.partial`, to);
}

exports.activate = ({ subscriptions }) => {
  if (folder === undefined) return;
  const timer = setInterval(() => {
    for (const name of readdirSync(folder)) if (name.endsWith('.request.json')) void answer(name);
  }, 50);
  subscriptions.push({ dispose: () => clearInterval(timer) });
};

/** The import invariants of ARCHITECTURE.md, enforced. */

/** Layers from the bottom up: a folder imports only from layers below its own, or from its own layer. */
const layers = [
  ['system'],
  ['onnx', 'checkpoints', 'runtime', 'imaging', 'wavelet'],
  ['architectures', 'autodiff', 'layers', 'lowering'],
  ['detection', 'explain', 'language', 'lens', 'report', 'store'],
  ['pipeline'],
  ['evaluation'],
  ['agents', 'engine'],
  ['lsp', 'cli'],
];

const upward = layers.slice(0, -1).map((folders, index) => ({
  name: `layer-${index}-imports-upward`,
  severity: 'error',
  from: { path: `^server/src/(${folders.join('|')})/` },
  to: {
    path: `^server/src/(${layers
      .slice(index + 1)
      .flat()
      .join('|')})/`,
  },
}));

const only = (name, owners, module) => ({
  name,
  severity: 'error',
  from: { path: '^(server|client|webview|protocol)/', pathNot: owners },
  to: { path: module },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'protocol-imports-nothing',
      severity: 'error',
      from: { path: '^protocol/' },
      to: { pathNot: '^protocol/' },
    },
    {
      name: 'painting-imports-nothing',
      severity: 'error',
      from: { path: '^painting/' },
      to: { pathNot: '^painting/' },
    },
    {
      name: 'files-imports-only-protocol-and-node',
      severity: 'error',
      from: { path: '^files/' },
      to: { pathNot: '^(protocol|files)/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'webview-imports-only-protocol-and-painting',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^(server|client|files)/' },
    },
    {
      name: 'client-never-imports-server',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(server|webview)/' },
    },
    {
      name: 'server-never-imports-client',
      severity: 'error',
      from: { path: '^server/' },
      to: { path: '^(client|webview)/|node_modules/(@types/)?vscode/' },
    },
    only('only-imaging-imports-sharp', '^server/src/imaging/', 'node_modules/sharp/'),
    only('only-runtime-imports-onnxruntime', '^server/src/runtime/', 'node_modules/onnxruntime-'),
    only(
      'one-file-imports-the-toolkit',
      '^webview/src/toolkit\\.ts$',
      'node_modules/@vscode/webview-ui-toolkit/',
    ),
    {
      name: 'lsp-never-reaches-native-modules',
      severity: 'error',
      from: { path: '^server/src/(lsp|language)/' },
      to: {
        reachable: true,
        path: 'node_modules/(sharp|onnxruntime-node)/|^server/src/(runtime|imaging)/|^painting/',
      },
    },
    {
      name: 'language-looks-at-text-alone',
      severity: 'error',
      from: { path: '^server/src/language/' },
      to: { path: '^server/src/(detection|explain|report|store)/' },
    },
    {
      name: 'report-store-and-checkpoints-need-no-runtime',
      severity: 'error',
      from: { path: '^server/src/(report|store|checkpoints|lens)/' },
      to: { path: '^server/src/runtime/' },
    },
    {
      name: 'cli-and-lsp-stay-apart',
      severity: 'error',
      from: { path: '^server/src/cli/' },
      to: { path: '^server/src/lsp/' },
    },
    {
      name: 'lsp-and-cli-stay-apart',
      severity: 'error',
      from: { path: '^server/src/lsp/' },
      to: { path: '^server/src/cli/' },
    },
    ...upward,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too. No rule asks which of them compiling removes, so nothing is compiled to find out.
    tsPreCompilationDeps: true,
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};

/** Lint rules: strict types, no floating promises, short files and functions, and stdout left to the protocols that own it. */
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'server/wasm/', 'node_modules/', 'test/e2e/.out/', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.mjs', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/prefer-literal-enum-member': 'off',
    },
  },
  {
    files: [
      'protocol/**',
      'painting/**',
      'files/**',
      'client/**',
      'webview/**',
      'server/src/**',
      'scripts/**',
    ],
    ignores: ['protocol/report-check.ts'], // generated
    rules: { 'max-lines': ['error', 350], 'max-lines-per-function': ['error', 60] },
  },
  { files: ['server/src/**'], ignores: ['server/src/cli/**'], rules: { 'no-console': 'error' } },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      // node:test returns promises that the runner itself awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'describe', 'it', 'suite', 'before', 'after'],
            },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);

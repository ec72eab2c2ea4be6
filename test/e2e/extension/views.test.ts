/** The views of a model and of an evaluated folder, in one window, since starting VS Code takes longer than either. */
import { test } from 'node:test';
import { temporaryFolder } from '../../support/temp';
import { evaluationSources, evaluationView } from './evaluation-view';
import { modelSources, modelView } from './model-view';
import { openSession } from './session';

const limit = { timeout: 900_000 };

test('views beside the report', limit, async (t) => {
  const sources = { ...modelSources(temporaryFolder('e2e-views')), ...evaluationSources };
  const session = await openSession({ files: Object.keys(sources), sources });
  try {
    await t.test('a model file shows what it holds', (t) => modelView(t, session));
    await t.test('a folder is evaluated, and what is wrong with the network is seen', (t) =>
      evaluationView(t, session),
    );
  } finally {
    await session.close();
  }
});

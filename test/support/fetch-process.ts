/** A process that fetches one model: argv[2] is `{ card, store, downloads }` as JSON. Prints the model; says who it waits for. */
import type { ModelCard } from '../../server/src/store/card';
import { fetchModel } from '../../server/src/store/fetch-model';
import { ModelStore } from '../../server/src/store/store';

const { card, store, downloads } = JSON.parse(process.argv[2] ?? '') as {
  card: ModelCard;
  store: string;
  downloads: string;
};
const waiting = (holder: { readonly pid: number } | null): void =>
  void process.stderr.write(`waiting for ${holder?.pid ?? 'nobody known'}\n`);
fetchModel(card, new ModelStore(store), { waiting }, downloads).then(
  (model) => process.stdout.write(JSON.stringify(model)),
  (thrown: unknown) => {
    process.stderr.write(String(thrown));
    process.exitCode = 1;
  },
);

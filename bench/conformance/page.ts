/** Writes docs/conformance.md: one row a model, and the counts that others quote. */
import { describeMachine } from '../machine';
import { layerTable, layerTables } from './layer-tables';
import type { Outcome } from './measure';
import { faultsOf } from './measure';
import { keptFailures, keptRows } from './kept-rows';
import type { Reference } from './reference';

export interface Row {
  readonly reference: Reference;
  /** By exporter. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

export const EXPORTERS = ['torchscript', 'dynamo'] as const;

const short = (value: number): string => (value === 0 ? '0' : value.toExponential(0));

function cells(outcome: Outcome | undefined): readonly string[] {
  if (outcome?.is !== 'measured') return ['', '', '', outcome?.is ?? ''];
  const { opset, logits, layers } = outcome.measured;
  const compared = layers.filter(({ verdict }) => verdict === 'agrees');
  const worst = Math.max(0, ...compared.map(({ difference }) => difference ?? 0));
  const others = ['unstable', 'unexplained', 'unmatched', 'wrong'] as const;
  const beside = others.flatMap((kind) => {
    const count = layers.filter(({ verdict }) => verdict === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return [
    `${opset}`,
    short(logits),
    `${compared.length} of ${layers.length}`,
    [short(worst), ...beside].join(', '),
  ];
}

/** @param before the page as it is: rows of networks that were not measured stay */
export function conformancePage(rows: readonly Row[], before = ''): string {
  const names = rows.map(({ reference }) => reference.name);
  const kept = keptRows(before, names);
  const sum = (of: (row: (typeof kept)[number]) => number): number =>
    kept.reduce((total, row) => total + of(row), 0);
  const outcomes = rows.flatMap((row) => Object.values(row.outcomes).map((outcome) => ({ row, outcome })));
  const measured = outcomes.flatMap(({ outcome }) => (outcome.is === 'measured' ? [outcome.measured] : []));
  const layers = measured.flatMap((each) => each.layers);
  const count = (verdict: string): number => layers.filter((layer) => layer.verdict === verdict).length;
  const agree = count('agrees') + sum((row) => row.agree);
  const unstable = count('unstable') + sum((row) => row.unstable);
  const whole = rows.filter(
    ({ reference, outcomes: all }) =>
      Object.values(all).some(({ is }) => is === 'measured') &&
      Object.values(all).every((outcome) => faultsOf(reference, outcome).length === 0),
  );
  const faults = outcomes.flatMap(({ row, outcome }) =>
    faultsOf(row.reference, outcome).map((fault) => `- ${row.reference.name}: ${fault}`),
  );
  const missing = rows.flatMap(({ reference, outcomes: all }) =>
    Object.entries(all).flatMap(([exporter, outcome]) =>
      outcome.is === 'not exported' ? [`- ${reference.name}, ${exporter}: ${outcome.why}`] : [],
    ),
  );
  missing.push(...keptFailures(before, names));
  const tables = rows
    .filter(({ reference }) => reference.whole)
    .map(
      ({ reference: { name }, outcomes: all }) =>
        [
          name,
          layerTable(
            name,
            EXPORTERS.map((each) => all[each]),
          ),
        ] as const,
    );
  const versions = Object.entries(rows[0]?.reference.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  return [
    '# Conformance',
    '',
    'Written by `npm run conformance`; do not edit.',
    '',
    `**${whole.length + sum((row) => Number(row.whole))} of ${rows.length + kept.length} networks agree with PyTorch** in every file that torch exported of them: ` +
      `${measured.length + sum((row) => row.files)} files, ${layers.length + sum((row) => row.layers)} layers. ${agree} Grad-CAM maps agree, ${unstable} depend on the last bits of the picture, ` +
      `${count('wrong')} are wrong, ${count('unmatched')} match no tensor of PyTorch's, ${count('unexplained')} have no gradient rule.`,
    '',
    'Each network is made by torchvision, timm or transformers, some with fewer or narrower blocks, and gets weights that follow from the names of its tensors; running statistics are',
    'those of its picture, 64 pixels wide where the network takes that. Noise and biases are chosen so that few of PyTorch’s own maps depend on rounding (`settle.py`), without looking at ours. Both exporters of torch write it as ONNX. The files go through a whole analysis, from reading to the',
    'optimized explain session on the CPU. Compared are:',
    '',
    '- **logits** with those of onnxruntime in Python on the file itself: the largest difference, as a share of the largest logit; at most 1e-4.',
    '- **every default layer** with the tensors of PyTorch’s own forward pass: it has to be one of them, by shape, channel means and sum of squares (1e-3), the output of the module',
    '  that it is named after where PyTorch has one; a convolution into which the exporter has folded a normalization is compared with what that gives.',
    '- **its Grad-CAM** before the ReLU, of the predicted class, with that of PyTorch’s autograd: relative L2 distance, at most 1e-3; the largest is in the table.',
    '  A map that changes by more than 2e-4 when noise of 1e-6 is put on the picture is *unstable*: rounding decides it, in PyTorch as here.',
    '',
    'PyTorch 2.9’s backward pass of batch normalization on the CPU handles non-contiguous gradients wrongly; they are made contiguous for the reference.',
    '',
    '    pip install -r test/reference/requirements.txt',
    '    python test/reference/conformance/make_models.py /tmp/conformance    # half an hour, 2 GB',
    '    npm run conformance architectures -- /tmp/conformance --write    # rows of networks that the folder lacks stay',
    '',
    `${versions.join(', ')}; ${describeMachine()}.`,
    '',
    '| network | TorchScript: opset | logits | maps that agree | worst | dynamo: opset | logits | maps that agree | worst |',
    '|---|---|---|---|---|---|---|---|---|',
    ...[
      ...kept.map(({ name, line }) => [name, line] as const),
      ...rows.map(
        ({ reference, outcomes: all }) =>
          [
            reference.name,
            ['', reference.name, ...EXPORTERS.flatMap((exporter) => cells(all[exporter])), '']
              .join(' | ')
              .trim(),
          ] as const,
      ),
    ]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, line]) => line),
    '',
    ...layerTables(new Map(tables), before),
    ...(faults.length === 0 ? [] : ['## What disagrees', '', ...faults, '']),
    ...(missing.length === 0 ? [] : ['## What torch does not export', '', ...missing, '']),
  ].join('\n');
}

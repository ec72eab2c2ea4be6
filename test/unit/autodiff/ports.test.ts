/**
 * Every rule against the ONNX specification: each input and output is declared, and what is declared holds. A gradient has a
 * central-difference case, a refusal names node, operator and input, and nothing that may be floating is taken for an integer.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appendGradients } from '../../../server/src/autodiff/driver';
import { gradient, type Port } from '../../../server/src/autodiff/ports';
import { RuleRegistry } from '../../../server/src/autodiff/registry';
import type { Rule } from '../../../server/src/autodiff/rule';
import { inputPort, outputPort } from '../../../server/src/autodiff/rule';
import { standardRules } from '../../../server/src/autodiff/rules';
import { LensError } from '../../../server/src/errors';
import { GraphBuilder } from '../../../server/src/onnx/builder';
import type { Graph } from '../../../server/src/onnx/model';
import { readGolden } from '../../support/golden';
import { pointwiseCases } from './cases/pointwise';
import { pickingCases } from './cases/picking';
import { structureCases } from './cases/structure';
import { windowCases } from './cases/windows';
import { isVariable } from './central-differences';

type Formal = readonly [name: string, ...marks: readonly string[]];
interface Version {
  readonly since: number;
  readonly inputs: readonly Formal[];
  readonly outputs: readonly Formal[];
}

const { operators } = readGolden<{ readonly operators: Readonly<Record<string, readonly Version[]>> }>(
  'onnx/operators',
);
const NEWEST = 23;
const cases = [...pointwiseCases, ...windowCases, ...structureCases, ...pickingCases];
const label = ({ opType, since }: Rule): string => `${opType} (since ${since})`;

/** The versions of the operator that the rule has to serve. */
function versionsOf(rule: Rule): readonly Version[] {
  const opsets = Array.from({ length: NEWEST + 1 }, (_, opset) => opset);
  const served = opsets.filter((opset) => standardRules.lookup(rule.opType, opset) === rule);
  const all = operators[rule.opType] ?? [];
  return [...new Set(served.flatMap((opset) => all.findLast(({ since }) => since <= opset) ?? []))];
}

/** What is wrong with the declared ports, given the formal parameters of every version. */
function faults(declared: readonly Port[], versions: readonly (readonly Formal[])[]): readonly string[] {
  const count = Math.max(...versions.map((formals) => formals.length));
  const each = Array.from({ length: Math.max(count, declared.length) }, (_, i) => {
    const port = declared[i];
    const formals = versions.flatMap((version) => (version[i] === undefined ? [] : [version[i]]));
    if (port === undefined) return `number ${i} (${formals[0]?.[0] ?? '?'}) is not declared`;
    const [newest] = formals.toReversed();
    if (newest === undefined) return `"${port.name}" is not in the specification`;
    const [name, ...marks] = newest;
    const floating = formals.some((formal) => formal.includes('floating'));
    if (port.name !== name) return `number ${i} is called "${name}", not "${port.name}"`;
    if (marks.includes('variadic') !== (port.variadic === true)) return `"${name}": variadic or not`;
    if (floating === (port.kind === 'discrete'))
      return `"${name}": ${floating ? 'may be' : 'is never'} floating`;
    const reasoned = port.kind === 'flat' || port.kind === 'refused';
    return reasoned && (port.why ?? '') === '' ? `"${name}": no reason given` : '';
  });
  return each.filter((fault) => fault !== '');
}

describe('every rule declares what the specification has', () => {
  for (const rule of standardRules.all()) {
    test(label(rule), () => {
      const versions = versionsOf(rule);
      assert.ok(versions.length > 0);
      assert.deepEqual(
        faults(
          rule.inputs,
          versions.map(({ inputs }) => inputs),
        ),
        [],
      );
      const outputs = versions.map((version) => version.outputs);
      // A single output needs no declaration.
      if (rule.outputs === undefined) assert.ok(outputs.every(({ length }) => length === 1));
      else assert.deepEqual(faults(rule.outputs, outputs), []);
    });
  }
});

test('what is not declared is found', () => {
  const clip = versionsOf(standardRules.lookup('Clip', 17)!).map(({ inputs }) => inputs);
  assert.deepEqual(faults([gradient('input')], clip), [
    'number 1 (min) is not declared',
    'number 2 (max) is not declared',
  ]);
});

/** Cases that a rule serves, with the opsets at which it does. */
const casesOf = (rule: Rule) =>
  cases.filter(
    ({ op, opsets = [17] }) =>
      op === rule.opType && opsets.some((opset) => standardRules.lookup(op, opset) === rule),
  );

describe('every declaration has central differences', () => {
  for (const rule of standardRules.all()) {
    test(label(rule), () => {
      rule.inputs.forEach(({ kind, name }, i) => {
        if (kind !== 'gradient' && kind !== 'flat') return;
        const zero = kind === 'flat';
        const found = casesOf(rule).some(
          ({ inputs, stops = false, flat = [] }) =>
            isVariable(inputs[i] ?? null) && (stops || flat.includes(i)) === zero,
        );
        assert.ok(found, `input "${name}" (${kind}) has no case in which it varies`);
      });
      rule.outputs?.forEach(({ kind, name }, i) => {
        if (kind !== 'gradient') return;
        const found = casesOf(rule).some(
          ({ outputs = 1, loss, stops }) => stops !== true && i < outputs && (loss?.includes(i) ?? true),
        );
        assert.ok(found, `output "${name}" has no case in which it is used`);
      });
    });
  }
});

/** Differentiates one node whose every input depends on its own graph input, with respect to input `wrt`. */
function differentiate(rule: Rule, wrt: number, seeded: number, opset: number): ReadonlyMap<string, string> {
  const builder = new GraphBuilder('ports');
  const inputs = rule.inputs.map((_, i) => builder.input(`x${i}`, 'float32', [1, 1]));
  const outputs = Array.from({ length: Math.max(seeded + 1, rule.outputs?.length ?? 1) }, (_, i) => `y${i}`);
  builder.append({
    opType: rule.opType,
    domain: '',
    name: 'the_node',
    inputs,
    outputs,
    attributes: new Map(),
  });
  return appendGradients({
    builder,
    nodes: builder.graph().nodes,
    facts: { opset, factsOf: () => ({ type: 'float32', dims: [1, 1] }), valueOf: () => undefined },
    seeds: new Map([[`y${seeded}`, 'dy']]),
    wrt: [`x${wrt}`],
  });
}

const naming = (rule: Rule, port: string) => (thrown: unknown) =>
  thrown instanceof LensError &&
  thrown.kind === 'model' &&
  ['the_node', rule.opType, `"${port}"`].every((part) => thrown.message.includes(part));

describe('a path without a rule is refused by name', () => {
  for (const rule of standardRules.all()) {
    const opset = Math.max(rule.since, 11);
    rule.inputs.forEach(({ kind, name }, i) => {
      if (kind !== 'refused') return;
      test(`${label(rule)}, input "${name}"`, () =>
        assert.throws(() => differentiate(rule, i, 0, opset), naming(rule, name)));
    });
    rule.outputs?.forEach(({ kind, name }, i) => {
      if (kind !== 'refused') return;
      test(`${label(rule)}, output "${name}"`, () =>
        assert.throws(() => differentiate(rule, 0, i, opset), naming(rule, name)));
    });
  }

  test('an input beyond those declared', () => {
    const rule = standardRules.lookup('Relu', 17)!;
    assert.equal(inputPort(rule, 1).kind, 'refused');
    assert.equal(outputPort(rule, 1).kind, 'refused');
  });
});

test('a rule that forgets an input it declares stops the driver', () => {
  const forgetful: Rule = {
    opType: 'Add',
    since: 7,
    inputs: [gradient('A'), gradient('B')],
    build: (ctx) => [ctx.gradOfOutput(0)],
  };
  const builder = new GraphBuilder('forgetful');
  const x = builder.input('x', 'float32', [2]);
  builder.node('Add', [builder.input('c', 'float32', [2]), x], {}, 'y');
  assert.throws(
    () =>
      appendGradients({
        builder,
        nodes: builder.graph().nodes,
        facts: { opset: 17, factsOf: () => ({ type: 'float32', dims: [2] }), valueOf: () => undefined },
        seeds: new Map([['y', 'dy']]),
        wrt: ['x'],
        rules: new RuleRegistry().register(forgetful).freeze(),
      }),
    /rule of Add forgets its input 1/,
  );
});

test('what only a nested graph reads is not a constant', () => {
  const builder = new GraphBuilder('nested');
  const x = builder.input('x', 'float32', [2]);
  const square = builder.node('Mul', [x, x], {}, 'square');
  const branch = (opType: string): Graph => ({
    name: 'branch',
    nodes: [{ opType, domain: '', name: '', inputs: [square], outputs: ['t'], attributes: new Map() }],
    inputs: [],
    outputs: [{ name: 't', type: 'float32', dims: null }],
    initializers: new Map(),
  });
  builder.append({
    opType: 'If',
    domain: '',
    name: 'choice',
    inputs: [builder.input('condition', 'bool', [])],
    outputs: ['chosen'],
    attributes: new Map([
      ['then_branch', { kind: 'graph', value: branch('Neg') }],
      ['else_branch', { kind: 'graph', value: branch('Exp') }],
    ]),
  });
  builder.node('Add', ['chosen', x], {}, 'y');
  assert.throws(
    () =>
      appendGradients({
        builder,
        nodes: builder.graph().nodes,
        facts: {
          opset: 17,
          factsOf: (name) => ({ type: name === 'condition' ? 'bool' : 'float32', dims: [2] }),
          valueOf: () => undefined,
        },
        seeds: new Map([['y', 'dy']]),
        wrt: ['x'],
      }),
    /"choice": no gradient is known for the operator If/,
  );
});

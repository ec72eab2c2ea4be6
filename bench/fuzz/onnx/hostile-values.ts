/** Numbers, names and texts that models break at. */
import type { DataType } from '../../../server/src/onnx/model';
import { dataTypes } from '../../../server/src/onnx/model';
import { shapeRules } from '../../../server/src/onnx/shapes/registry';

export const INTEGERS = [
  ...[0, 1, -1, 2, 3, 4, 7, 9, 64, -2, -5, 1000, 4096, 65_536, 2 ** 20, 2 ** 24, 2 ** 30],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 40, 2 ** 53, 2 ** 62, -(2 ** 62), 2 ** 63, -(2 ** 63)],
];
export const FLOATS = [0, -0, 1, -1, 0.5, 1e-45, 1e38, -1e38, NaN, Infinity, -Infinity, 2 ** 31, 1e6];
export const TYPES = Object.keys(dataTypes) as readonly DataType[];

/** Names that steer terminals, that are members of every object, that no file may have, or that nobody sees. */
export const hostileNames: readonly string[] = [
  ...[
    'constructor',
    '__proto__',
    'hasOwnProperty',
    'valueOf',
    'toString',
    'isPrototypeOf',
    '__defineGetter__',
  ],
  ...[
    '\u001b]0;PWNED\u0007\u001b[2J\u001b[31m\nerror: fake',
    'a\r\nb',
    '\u202egpj.exe',
    '\u200b',
    '\u009b31m',
  ],
  ...[
    '../../etc/passwd',
    'con',
    'nul.',
    '/',
    '.',
    '..',
    ' ',
    'a/../../b',
    'CON:',
    '%s%n',
    '<img src=x onerror=1>',
  ],
  ...[
    '](javascript:1)',
    '|`$(id)`',
    'lens/target',
    'grad/x',
    '\u{e0041}',
    'x'.repeat(5000),
    '\u0000',
    '0',
    '"',
  ],
];

export const attributeNames = [
  ...[
    'axis',
    'axes',
    'group',
    'strides',
    'pads',
    'kernel_shape',
    'dilations',
    'output_padding',
    'output_shape',
  ],
  ...[
    'num_outputs',
    'keepdims',
    'blocksize',
    'mode',
    'epsilon',
    'alpha',
    'beta',
    'to',
    'start',
    'end',
    'auto_pad',
  ],
  ...[
    'ceil_mode',
    'storage_order',
    'allowzero',
    'transA',
    'perm',
    'split',
    'size',
    'scales',
    'shape',
    'training_mode',
  ],
  ...[
    'coordinate_transformation_mode',
    'nearest_mode',
    'count_include_pad',
    'noop_with_empty_axes',
    'fmod',
    'value',
  ],
];
export const STRINGS = [
  '',
  'SAME_UPPER',
  'SAME_LOWER',
  'VALID',
  'linear',
  'cubic',
  'nearest',
  'reflect',
  'edge',
  'align_corners',
];

export const operators = [
  ...shapeRules.keys(),
  'Loop',
  'Scan',
  'NonMaxSuppression',
  'RandomNormal',
  'QLinearConv',
  'Nowhere',
];

/** The declarations of the steps that change a picture's size: rows of `STEPS` in steps.ts. */
import { cropConflict, padConflict, resizeConflict } from './step-conflicts';
import { declare } from './step-declaration';
import { LONGEST_SIDE } from './step-parameters';

export const resize = declare({
  title: 'Resize',
  description:
    'Resamples to another size, with the arithmetic of the library that the network was trained with.',
  takes: 'any',
  gives: 'same',
  parameters: {
    size: {
      kind: 'size',
      description: 'A side in pixels, or [height, width]. If left out, the size of the network’s input.',
    },
    fit: {
      kind: 'choice',
      values: ['exact', 'shorter', 'longer', 'cover', 'height', 'letterbox'],
      default: 'exact',
      description:
        'exact: stretched to the size. shorter: the aspect is kept and the size covered (the shorter side of a square size). longer: the aspect is kept and ' +
        'everything fits into the size. cover: the middle part of the size’s aspect, cut out at fractions of a pixel, as in Pillow’s ImageOps.fit. height: the height is the size’s and the width follows, at most the size’s. letterbox: as longer, then padded to the size, centered.',
    },
    fraction: {
      kind: 'number',
      min: 0,
      aboveMin: true,
      max: 1,
      default: 1,
      description: 'The size is divided by this and rounded down: timm’s crop_pct, with a crop after it.',
    },
    rounding: {
      kind: 'choice',
      values: ['down', 'nearest', 'up'],
      description:
        'How the side that follows the aspect becomes a whole number. If left out: down for shorter, as in torchvision; nearest (halves to even) for longer and letterbox, as in timm and Ultralytics; up for height, as in PP-OCR.',
    },
    filter: {
      kind: 'choice',
      values: ['nearest', 'nearest-exact', 'bilinear', 'bicubic', 'lanczos', 'hamming', 'area'],
      default: 'bilinear',
      description:
        'area is OpenCV’s INTER_AREA and Pillow’s BOX. Only Pillow has hamming. For torch, nearest-exact is the mode of torchvision’s and Hugging Face’s later transforms, and nearest the older one.',
    },
    antialias: {
      kind: 'flag',
      description:
        'Whether the filter widens where the picture shrinks. Pillow always does, OpenCV never; for torch it has to be stated.',
    },
    like: {
      kind: 'choice',
      values: ['pillow', 'opencv', 'torch'],
      default: 'pillow',
      description:
        'Whose arithmetic: Pillow 12.0, OpenCV 4.12 or torch 2.9, each to the last bit for 8-bit pixels where the library computes in integers.',
    },
    path: {
      kind: 'choice',
      values: ['float', 'uint8'],
      description:
        'For torch on 8-bit pixels. float (if left out): computed in float32 and rounded, as torchvision.transforms does. uint8: torch’s own 8-bit kernel, as torchvision.transforms.v2 and Hugging Face’s fast image processors use.',
    },
    fill: {
      kind: 'per-channel',
      description:
        'For letterbox: the color of the margin, on the scale of the values; if left out, 114 as in Ultralytics.',
    },
  },
  conflict: resizeConflict,
});

export const crop = declare({
  title: 'Crop',
  description: 'Cuts a rectangle out.',
  takes: 'any',
  gives: 'same',
  parameters: {
    to: {
      kind: 'choice',
      values: ['size', 'aspect'],
      default: 'size',
      description:
        'size: that size. aspect: the largest part that has the size’s aspect; for a square size, the shorter side.',
    },
    size: {
      kind: 'size',
      description:
        'A side in pixels, or [height, width]. If left out, the size of the network’s input. A smaller picture is padded first.',
    },
    fraction: {
      kind: 'number',
      min: 0,
      aboveMin: true,
      max: 1,
      description:
        'Instead of a size: the central share of each side that stays, as in tf.image.central_crop; with "to": "aspect", the share of that part, as in Hugging Face’s Perceiver.',
    },
    border: {
      kind: 'number',
      whole: true,
      min: 0,
      max: LONGEST_SIDE,
      description:
        'Instead of a size: the number of pixels to cut off each side, as in timm’s crop_border_pixels.',
    },
    at: {
      kind: 'choice',
      values: ['center', 'top-left'],
      default: 'center',
      description: 'Which part is kept.',
    },
    rounding: {
      kind: 'choice',
      values: ['even', 'down', 'zero'],
      default: 'even',
      description:
        'What happens if the middle lies between two pixels. even: halves to the even neighbor, as in torchvision and timm. down: as in Hugging Face’s slow image processors. zero: as in its fast ones; differs from down if the picture is smaller.',
    },
    fill: {
      kind: 'per-channel',
      default: 0,
      description:
        'The color of the padding if the picture is smaller than the size, on the scale of the values.',
    },
  },
  conflict: cropConflict,
});

export const pad = declare({
  title: 'Pad',
  description: 'Adds a margin.',
  takes: 'any',
  gives: 'same',
  parameters: {
    to: {
      kind: 'choice',
      values: ['size', 'square', 'multiple'],
      default: 'size',
      description:
        'size: at least that size. square: both sides as long as the longer one. multiple: sides that are multiples of "multiple".',
    },
    size: {
      kind: 'size',
      description: 'A side in pixels, or [height, width]. If left out, the size of the network’s input.',
    },
    multiple: {
      kind: 'number',
      whole: true,
      min: 1,
      max: 1024,
      description: 'Both sides become multiples of this, such as the network’s stride.',
    },
    at: {
      kind: 'choice',
      values: ['center', 'top-left'],
      default: 'center',
      description:
        'Where the picture is placed; if centered, the larger half of an odd margin is on the right and below.',
    },
    mode: {
      kind: 'choice',
      values: ['constant', 'reflect', 'edge'],
      default: 'constant',
      description:
        'What the margin holds: a color, the picture mirrored without its border pixel, or its border pixel.',
    },
    fill: {
      kind: 'per-channel',
      default: 0,
      description: 'The color of a constant margin, on the scale of the values.',
    },
  },
  conflict: padConflict,
});

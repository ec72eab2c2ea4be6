/** The further families, small: names and shapes of all layers, logits, statistics and maps are those of the library's own network. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildNetwork, defaultHead, parametersOf } from '../../../server/src/architectures/build';
import type { Architecture } from '../../../server/src/architectures/network';
import { findArchitecture } from '../../../server/src/architectures/registry';
import { timmResNets } from '../../../server/src/architectures/resnet-variants';
import { timmSwin, torchvisionSwin } from '../../../server/src/architectures/swin';
import { resNetV2, timmResNetV2Plans } from '../../../server/src/architectures/timm-resnet-v2';
import { resNet } from '../../../server/src/architectures/torchvision-resnet';
import { vgg, vggStages } from '../../../server/src/architectures/torchvision-vgg';
import {
  convNeXtOfTransformers,
  resNetOfTransformers,
  swinOfTransformers,
  vitOfTransformers,
} from '../../../server/src/architectures/transformers';
import { timmViT, torchvisionViT } from '../../../server/src/architectures/vision-transformer';
import { assembleExplainGraph } from '../../../server/src/explain/assemble';
import { decodeExplain } from '../../../server/src/explain/decode';
import type { Golden } from './golden';
import {
  binned,
  goldenStateDict,
  imageFor,
  largestError,
  norm,
  relativeError,
  runNetwork,
  statistics,
  withSession,
} from './run-network';

const folder = join(__dirname, 'families');
const goldens = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden,
);

const smallSwin = { channels: 24, heads: [2, 3, 4], window: 7 };
/** Of the variants that `families.py` gives stages of one block. */
const short = (name: keyof typeof timmResNets): Architecture =>
  resNet({ ...timmResNets[name]!, layers: [1, 1, 1, 1] }, `timm/${name}`);
const shortResNets = ['resnet50_gn', 'seresnetaa50d', 'ecaresnetlight', 'resnetrs50'];
/** With two stages, and half of its channels where groups of a deep stem allow it. */
const shortV2 = (name: keyof typeof timmResNetV2Plans): Architecture => {
  const plan = timmResNetV2Plans[name]!;
  return resNetV2(`timm/${name}`, { ...plan, layers: [2, 1], ...(plan.basic === true || /_(gn|evos)$/.test(name) ? {} : { width: 0.5 }) });
};
const shortV2s = ['50x1_bit', '18d', '34', '50t', '50d_gn', '50d_evos', '50d_frn'];

const smallViT = { size: 64, patch: 16, channels: 96, depth: 3, heads: 3 };

const hub = (name: string): string => `transformers/${name}`;
const smallConvNeXt = { depths: [1, 1, 2, 1], widths: [40, 80, 160, 320] };
const ofTransformers: readonly Architecture[] = [
  vitOfTransformers(hub('vit_base_patch16_224'), smallViT),
  vitOfTransformers(hub('deit_base_patch16_224'), { ...smallViT, distilled: 'without its head' }),
  vitOfTransformers(hub('deit_base_distilled_patch16_224'), { ...smallViT, distilled: true }),
  swinOfTransformers(hub('swin_tiny_patch4_window7_224'), {
    ...{ ...smallSwin, depths: [2, 2, 2], size: 112 },
  }),
  swinOfTransformers(hub('swinv2_base_patch4_window12to16_192to256'), {
    ...{ ...smallSwin, depths: [2, 2, 2], window: 8, trainedWith: [6, 6, 3], size: 64, version: 2 },
  }),
  convNeXtOfTransformers(hub('convnext_tiny'), smallConvNeXt),
  convNeXtOfTransformers(hub('convnextv2_atto'), { ...smallConvNeXt, v2: true }),
  resNetOfTransformers(hub('resnet_18'), { layers: [1, 1, 1, 1], bottleneck: false }),
  resNetOfTransformers(hub('resnet_50'), { layers: [1, 1, 1, 1], bottleneck: true }),
];

/** Made smaller than the library does, where most of a network is in one layer. */
const small: Readonly<Record<string, Architecture>> = {
  ...Object.fromEntries(ofTransformers.map((network) => [network.id, network])),
  'torchvision/vgg11_bn': vgg('torchvision/vgg11_bn', {
    stages: vggStages['vgg11']!,
    batchNorm: true,
    hidden: 64,
  }),
  ...Object.fromEntries(shortResNets.map((name) => [`timm/${name}`, short(name)])),
  ...Object.fromEntries(shortV2s.map((name) => [`timm/resnetv2_${name}`, shortV2(`resnetv2_${name}`)])),
  'torchvision/swin_v2_t': torchvisionSwin('torchvision/swin_v2_t', {
    ...{ ...smallSwin, depths: [2, 2, 2], window: 5, version: 2 },
  }),
  'timm/swin_s3_tiny_224': timmSwin('timm/swin_s3_tiny_224', {
    ...{ ...smallSwin, depths: [2, 2, 2], window: [7, 14, 7], size: 112 },
  }),
  'timm/swinv2_base_window12to16_192to256': timmSwin('timm/swinv2_base_window12to16_192to256', {
    ...{ ...smallSwin, depths: [2, 2, 2], window: 8, trainedWith: [6, 6, 3], size: 64, version: 2 },
  }),
  'torchvision/swin_t': torchvisionSwin('torchvision/swin_t', { ...smallSwin, depths: [2, 2, 2] }),
  'timm/swin_tiny_patch4_window7_224': timmSwin('timm/swin_tiny_patch4_window7_224', {
    ...smallSwin,
    depths: [2, 2, 1],
    size: 112,
  }),
  'torchvision/vit_b_16': torchvisionViT('torchvision/vit_b_16', smallViT),
  'timm/vit_base_patch16_224': timmViT('timm/vit_base_patch16_224', smallViT),
  'timm/deit3_base_patch16_224': timmViT('timm/deit3_base_patch16_224', {
    ...{ ...smallViT, layerScale: true, patchPositions: true },
  }),
  'timm/vit_base_patch16_224+global_pool=avg': timmViT('timm/vit_base_patch16_224+global_pool=avg', {
    ...{ ...smallViT, pool: 'normalized mean' },
  }),
  'timm/deit_base_distilled_patch16_224': timmViT('timm/deit_base_distilled_patch16_224', {
    ...{ ...smallViT, distilled: true },
  }),
  'timm/vit_medium_patch16_gap_240': timmViT('timm/vit_medium_patch16_gap_240', {
    ...{ ...smallViT, layerScale: true, classToken: false, qkvBias: false, pool: 'mean of normalized' },
  }),
  'timm/vit_medium_patch16_reg4_gap_256': timmViT('timm/vit_medium_patch16_reg4_gap_256', {
    ...{ ...smallViT, layerScale: true, patchPositions: true, registers: 4, classToken: false, pool: 'normalized mean' },
  }),
  'timm/vit_base_patch14_reg4_dinov2': timmViT('timm/vit_base_patch14_reg4_dinov2', {
    ...{ ...smallViT, layerScale: true, patchPositions: true, registers: 4 },
  }),
  'timm/vit_base_patch16_clip_224': timmViT('timm/vit_base_patch16_clip_224', {
    ...smallViT,
    preNorm: true,
    epsilon: 1e-5,
  }),
};

function built(golden: Golden) {
  const architecture = small[golden.id] ?? findArchitecture(golden.id)!;
  const head = defaultHead(architecture, golden.classes);
  const { shapes } = parametersOf(architecture, head);
  const { inputSize } = golden;
  return buildNetwork(architecture, goldenStateDict(golden, shapes), { head, inputSize });
}

for (const golden of goldens)
  describe(golden.id, () => {
    // Half a second a network: both tests share what was built.
    const network = built(golden);

    test('logits and layers are the library’s', async () => {
      const { layers: reported } = await network;
      assert.deepEqual(
        reported.map(({ name, shape }) => [name, shape]),
        golden.layers.map(([name, shape]) => [name, shape]),
      );
      const { logits, layers } = await runNetwork(await network);
      assert.ok(largestError(logits, golden.logits) < 1e-4, `logits ${logits.join()}`);
      for (const [name, , mean, std] of golden.layers) {
        const found = statistics(layers.get(name)!);
        const scale = Math.max(std, 1e-3 * Math.abs(mean));
        assert.ok(Math.abs(found.mean - mean) < 2e-5 * scale, `${name}: mean ${found.mean}, not ${mean}`);
        assert.ok(Math.abs(found.std - std) < 2e-5 * scale, `${name}: std ${found.std}, not ${std}`);
      }
    });

    test('maps are those of its backward pass', async () => {
      const { model, input, logits, layers } = await network;
      const explain = assembleExplainGraph({
        model,
        inputShape: input.shape,
        logits,
        layers: layers.filter(({ name }) => golden.cams.some(({ layer }) => layer === name)),
        methods: ['gradcam'],
      });
      const { inputs, outputs } = explain;
      const image = imageFor(await network);
      const target = { type: 'int64' as const, dims: [1], data: BigInt64Array.of(BigInt(golden.target)) };
      const results = await withSession(explain.model, (session) =>
        session.run({ [inputs.image]: image, [inputs.target]: target }),
      );
      const [sample] = decodeExplain(outputs, results);
      assert.ok(sample && golden.cams.length >= 2);
      for (const { layer, cells, norm: expected } of golden.cams) {
        const found = sample.layers.find(({ name }) => name === layer);
        assert.ok(found?.form.kind === 'map', layer);
        const cam = found.cam.get('gradcam')!.map((value) => Math.max(value, 0));
        const difference = relativeError(binned(cam, found.form.height, found.form.width), cells);
        assert.ok(difference < 1e-3, `${layer}: the map is off by ${difference} of its norm`);
        assert.ok(Math.abs(norm(cam) / expected - 1) < 1e-3, `${layer}: norm ${norm(cam)}, not ${expected}`);
      }
    });
  });

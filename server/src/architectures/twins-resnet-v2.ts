/** Networks with the names and shapes of a ResNet V2: rows of `twins.ts`. */
import type { ResNetV2, ResNetV2Habits } from './timm-resnet-v2';
import { resNetV2, timmResNetV2Plans } from './timm-resnet-v2';
import type { Twin } from './twin';
import { AVGMAX_POOLED, DILATED, MAX_POOLED, notBuilt } from './twin';

function twinsOf(name: string, plan: ResNetV2): readonly Twin[] {
  const of = `timm/${name}`;
  const row = (argument: string, differs: string, habits: Partial<ResNetV2Habits>, hint: RegExp): Twin => {
    const id = `${of}+${argument}`;
    // timm pads the shortcut's mean as TensorFlow does where it no longer strides.
    if (plan.deep !== undefined && habits.outputStride !== undefined)
      return { ...notBuilt(id, of, differs), hint };
    return { id, of, differs, named: null, hint, architecture: resNetV2(id, plan, habits) };
  };
  return [
    ...[16, 8].map((outputStride) =>
      row(
        `output_stride=${outputStride}`,
        'dilates its last stages instead of striding',
        { outputStride },
        DILATED,
      ),
    ),
    row('global_pool=max', 'takes the maximum at the end', { pool: 'max' }, MAX_POOLED),
    row('global_pool=avgmax', 'takes mean and maximum at the end', { pool: 'avgmax' }, AVGMAX_POOLED),
    notBuilt(`${of}+act_layer`, of, 'has an activation other than ReLU'),
  ];
}

export const resNetV2Twins: readonly Twin[] = Object.entries(timmResNetV2Plans).flatMap(([name, plan]) =>
  twinsOf(name, plan),
);

/**
 * Classes that training code leaves beside weights: optimizers, schedulers, losses, data loaders, configurations. Whole
 * families are harmless here, since none of them does more on being made than to keep its arguments.
 */
import { leadsThroughPython } from './code-globals';
import { PyOpaque } from './values';
import type { PyGlobal } from './values';

const families: readonly RegExp[] = [
  /^torch\.optim\./,
  /^torch\.nn\.modules\./,
  /^torch\.(cuda\.)?amp\.grad_scaler\./,
  /^torch\.utils\.data\.(sampler|distributed|dataset|dataloader)\./,
  /^torchvision\.transforms\./,
  /^(pytorch_lightning|lightning\.pytorch|lightning)\.(utilities|callbacks|trainer)\./,
  /^(lightning_fabric|lightning\.fabric)\.(utilities|strategies)\./,
  /^torchmetrics\./,
  /^(mmengine|mmcv)\.(config|logging|utils|optim|runner)\./,
  /^(omegaconf|yacs\.config|easydict|addict|box|munch|ml_collections|fvcore\.common\.config)\./,
  /^timm\.(optim|scheduler|loss|utils)\./,
  /^accelerate\.(state|utils\.dataclasses)\./,
  /^transformers\.(training_args|trainer_utils|trainer_pt_utils|trainer_callback|configuration_utils)\./,
  /^numpy\.dtypes\./,
  /^(enum|typing|decimal|fractions|ipaddress|zoneinfo|numbers|dataclasses)\./,
];

/** A class by Python's custom, and modules on the way to it. */
const CLASS = /^[a-z_]\w*(\.[a-z_]\w*)*(\.[A-Z]\w*)+$/;

/** The inert stand-in for a class of these families; undefined for any other name. */
export function configGlobal(full: string): PyGlobal | undefined {
  if (
    full.length > 200 ||
    !CLASS.test(full) ||
    leadsThroughPython(full) ||
    !families.some((family) => family.test(full))
  )
    return undefined;
  return { kind: 'global', name: full, construct: () => new PyOpaque(full) };
}

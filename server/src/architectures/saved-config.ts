/** Compares a network with the `config.json` that its library saved beside its weights: what names and shapes do not tell. */
import { LensError } from '../errors';
import { EXPORT_TO_ONNX } from './not-built';
import type { Architecture } from './network';
import { architectures, findArchitecture } from './registry';

type Config = Readonly<Record<string, unknown>>;

/**
 * @param id the network that the weights are read as
 * @param name of the weights @param place of the file that says so
 * @throws LensError of kind `model` where the two contradict each other: the network would compute something else than the one that was saved
 */
export function refuseOtherConfig(id: string, said: Config, name: string, place: string): void {
  const architecture = findArchitecture(id);
  const key = architecture === undefined ? undefined : firstDifference(architecture, said);
  if (architecture === undefined || key === undefined) return;
  const other = architectures.find(
    (each) =>
      each.anchor === architecture.anchor &&
      isNamesake(id, each.id) &&
      firstDifference(each, said) === undefined,
  );
  throw new LensError(
    'model',
    `${name}: ${place} says that ${key} is ${JSON.stringify(said[key])}; ${id}, whose names and shapes the weights have, would be built with ${JSON.stringify(architecture.config?.[key])}.`,
    other === undefined
      ? { fix: EXPORT_TO_ONNX }
      : { fix: `The file means ${other.id}.`, remedies: ['choose-architecture'] },
  );
}

function firstDifference({ config = {} }: Architecture, said: Config): string | undefined {
  return Object.keys(config).find(
    (key) => Object.hasOwn(said, key) && JSON.stringify(said[key]) !== JSON.stringify(config[key]),
  );
}

/** Networks of one size have the same tensors. */
const isNamesake = (id: string, other: string): boolean => sizeIn(id) === sizeIn(other);
const sizeIn = (id: string): string => id.replace(/_window.*$/, '');

/**
 * Brings reports of version 1 into the form of version 2: US names of fields, and an empty list of steps,
 * since none were recorded. Anything not where version 1 had it is left for the check that follows to
 * report.
 */

type Fields = Readonly<Record<string, unknown>>;

const FIELDS: Readonly<Record<string, string>> = {
  colourSpace: 'colorSpace',
  labelColour: 'labelColor',
  onProcessor: 'onCpu',
};

const WARNINGS: Readonly<Record<string, string>> = {
  'colour-profile-ignored': 'color-profile-ignored',
  'partly-on-processor': 'partly-on-cpu',
};

const isObject = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Every field of the parts that have such names, however deep; nesting is bounded before anything is parsed. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      Object.hasOwn(FIELDS, name) ? FIELDS[name] : name,
      renamed(part),
    ]),
  );
}

function renamedWarning(warning: unknown): unknown {
  if (!isObject(warning) || typeof warning['code'] !== 'string') return warning;
  const { code } = warning;
  return { ...warning, code: Object.hasOwn(WARNINGS, code) ? WARNINGS[code] : code };
}

/** @param report an object whose `version` is 1 */
export function fromVersion1(report: Fields): Fields {
  const { input, device, detection, preprocess, warnings } = report;
  return {
    ...report,
    version: 2,
    input: renamed(input),
    device: renamed(device),
    detection: renamed(detection),
    preprocess: isObject(preprocess) ? { steps: [], ...(renamed(preprocess) as Fields) } : preprocess,
    warnings: Array.isArray(warnings) ? warnings.map(renamedWarning) : warnings,
  };
}

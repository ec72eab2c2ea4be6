/** The text of a report of version 2 in the words of version 1, before US field names. */
export const version1 = (json: string): string =>
  json
    .replace(/"version": ?2/, '"version": 1')
    .replaceAll('"colorSpace"', '"colourSpace"')
    .replaceAll('"labelColor"', '"labelColour"')
    .replaceAll('"onCpu"', '"onProcessor"')
    .replaceAll('"color-profile-ignored"', '"colour-profile-ignored"')
    .replaceAll('"partly-on-cpu"', '"partly-on-processor"');

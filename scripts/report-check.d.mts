/** The text of protocol/report-check.ts for a schema. */
export function reportCheckSource(schema: object): Promise<string>;

/** Brings protocol/report-check.ts up to date. @returns whether it was not */
export function writeReportCheck(): Promise<boolean>;

/** Types of install.mjs, which stays plain JavaScript so that a bare Node can run it before anything is installed. */
export type VSCodeVersion = '1.99' | '1.139';

export interface InstalledVSCode {
  /** Full version, such as `1.99.3`. */
  readonly version: string;
  /** The server's entry script. */
  readonly server: string;
  /** The Node binary to run it with. */
  readonly node: string;
}

export const releases: Readonly<Record<VSCodeVersion, object>>;
export interface DebianPackage {
  readonly name: string;
  /** Shows that it is there. */
  readonly file: string;
}
/** Of the browser that tests run pages in. */
export const chromiumPath: string;
export const editorPackages: readonly DebianPackage[];
/** @param packages those of the tests in VS Code if left out */
export function installDebianPackages(packages?: readonly DebianPackage[]): Promise<void>;
export function installVSCode(version: VSCodeVersion): Promise<InstalledVSCode>;
export function cacheFolder(env?: NodeJS.ProcessEnv): string;

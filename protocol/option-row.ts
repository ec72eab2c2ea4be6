/**
 * What a row of options.ts consists of: an option's kind, default and texts, and how each front end offers
 * it.
 */
import type { Kind } from './values';

/**
 * The value of a setting that is one of several words while none is chosen: something else decides, as if
 * nothing were given.
 */
export const OPEN_WORD = 'default';

export interface FlagRow {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** The placeholder of its value in the help, such as `<id>`. */
  readonly value: string;
  /** As in `OptionRow`, where the command line has more to say, or something else. */
  readonly more?: string;
  readonly open?: string;
}

export interface SettingRow {
  readonly scope: 'resource' | 'machine' | 'machine-overridable';
  /** In a workspace that is not trusted, the workspace's own value is ignored. */
  readonly restricted?: true;
  readonly more?: string;
  readonly open?: string;
}

/** Texts are Markdown phrases without a capital or a period; each front end makes sentences of them. */
export interface OptionRow {
  readonly kind: Kind;
  /** Null where nothing is given: something else decides then, which `open` names. */
  readonly default: string | readonly string[] | number | null;
  /** What it is. */
  readonly help: string;
  readonly more?: string;
  /** What is used where nothing is given. */
  readonly open?: string;
  /** Null where the command line has no option for it. */
  readonly flag: FlagRow | null;
  /** Null where the editor has no setting for it. */
  readonly setting: SettingRow | null;
  /** Whether the report records what was requested, or what was taken where that was left open; null where neither. */
  readonly recorded: 'asked' | 'taken' | null;
  /** The option that replaces it: this one is deprecated, and whoever sets it gets a note. */
  readonly replacedBy?: string;
  /** Newer than the first reports that record options: reports that lack it were made with its default. */
  readonly younger?: true;
}

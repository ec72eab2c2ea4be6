/** What a row of requests.ts is made of: a request's name, its parameters, its answer, and which engine performs it. */
import type { Outcome } from './failure';
import type { AnalysisOptions } from './options';
import { PATH, TEXT, type Kind, type ValueOf } from './values';

/** A run of the engine, named by the client so that progress and cancellation can refer to it. */
export type JobId = string;

/** A request's name carries the types of its parameters and answer. */
export interface RequestName<Params, Answer> {
  readonly method: string;
  /** Never set: holds the types. */
  readonly types?: (params: Params) => Answer;
}

/** Client -> server, or server -> client. */
export interface NotificationName<Params> {
  readonly method: string;
  readonly types?: (params: Params) => void;
}

export interface Parameter {
  /** `options` are those of an analysis that differ from the settings. */
  readonly kind: Kind | { readonly is: 'options' };
  readonly help: string;
  /** May be null or absent, which is the same. */
  readonly optional?: true;
  /** Characters of a text that may be longer than a path. */
  readonly most?: number;
}
export type Parameters = Readonly<Record<string, Parameter>>;

type ParameterValue<K extends Parameter['kind']> = K extends Kind ? ValueOf<K> : Partial<AnalysisOptions>;
type OptionalOf<P extends Parameters> = {
  [N in keyof P]: P[N] extends { readonly optional: true } ? N : never;
}[keyof P];

/** What a client sends. */
export type ParamsOf<P extends Parameters> = {
  readonly [N in Exclude<keyof P, OptionalOf<P>>]: ParameterValue<P[N]['kind']>;
} & { readonly [N in OptionalOf<P>]?: ParameterValue<P[N]['kind']> | null };

/** The same once it has been checked: what is absent is null. */
export type CheckedParams<P extends Parameters> = {
  readonly [N in keyof P]: ParameterValue<P[N]['kind']> | (N extends OptionalOf<P> ? null : never);
};

/**
 * Which engine performs it, so that no list waits for an analysis, and no analysis for a set: one computes,
 * one evaluates sets, one manages models, one installs. `none` is for requests that the server answers itself
 * or passes on as another one.
 */
export type Lane = 'compute' | 'sets' | 'models' | 'install' | 'none';

export interface RequestRow<P extends Parameters, Answer, L extends Lane> extends RequestName<
  ParamsOf<P>,
  Outcome<Answer>
> {
  readonly does: string;
  readonly parameters: P;
  readonly answer: AnswerType<Answer>;
  readonly lane: L;
}

/** Carries a type and no value. */
export interface AnswerType<Answer> {
  readonly types?: Answer;
}
export const of = <Answer>(): AnswerType<Answer> => ({});

export const request = <const P extends Parameters, Answer, const L extends Lane>(
  row: RequestRow<P, Answer, L>,
): RequestRow<P, Answer, L> => row;

export interface NotificationRow<Params> extends NotificationName<Params> {
  readonly from: 'client' | 'server';
  readonly does: string;
  readonly params: AnswerType<Params>;
}

export const notification = <Params>(row: NotificationRow<Params>): NotificationRow<Params> => row;

export const JOB = { kind: TEXT, help: 'a name chosen by the client, for progress and `cancel`' } as const;
export const MODEL = {
  kind: PATH,
  help: 'a model file; for one in several parts, its index, any part or the folder',
} as const;
export const EVALUATION = { kind: PATH, help: 'folder of a finished evaluation' } as const;
export const FOLDER = { kind: PATH, help: 'folder of a report' } as const;

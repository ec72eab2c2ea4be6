/** One part of the report: its name and its content. Also the lists of facts inside it. */
import type { ComponentChildren } from 'preact';
import type { PartialReport } from '../../../protocol/requests';

export interface SectionProps {
  /** Of its heading, which names it. */
  readonly id: string;
  readonly title: string;
  /** Beside the title. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ id, title, tools, children }: SectionProps) {
  return (
    <section class="section" aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  );
}

/** A part of the report's page. `npm run declare` lists those that the files of this folder export. */
export interface ReportSection {
  /** Sections are shown in rising order of this number. */
  readonly place: number;
  readonly View: (props: { readonly report: PartialReport }) => ComponentChildren;
}

export type Fact = readonly [name: string, value: ComponentChildren, hint?: string];

/** Names and values side by side. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value, hint]) => (
        <div key={name} class="fact" title={hint}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Between the head and the report: what is out of date, and the report's warnings. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { PanelCommand } from '../../../protocol/panel';
import type { WarningCode, WarningReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { usePanel } from '../context';
import { Button } from '../toolkit';
import { WarningIcon } from './icons';
import { t } from '../l10n';

/** Most warnings to show before the reader asks for the rest: the pictures should be on the first screen. */
const first = 1;

export function Notices({ report }: { readonly report: PartialReport }) {
  const { state, send } = usePanel();
  const [all, setAll] = useState(false);
  const warnings = report.warnings ?? [];
  const shown = all ? warnings : warnings.slice(0, first);
  const retry = () => {
    send({ type: 'retry', detector: null });
  };
  return (
    <div class="notices">
      {state.stale.length > 0 && (
        <Notice kind="info">
          <span role="status">{t('This report is out of date. {0}', state.stale.join(' '))}</span>
          <Button appearance="primary" onClick={retry}>
            {t('Analyze again')}
          </Button>
        </Notice>
      )}
      {shown.map((warning, i) => (
        <Warning key={warning.code} warning={warning}>
          {i === 0 && warnings.length > first && (
            <button
              class="text-button"
              aria-expanded={all}
              onClick={() => {
                setAll(!all);
              }}
            >
              {all ? t('Show fewer warnings') : t('Show {0} more', warnings.length - first)}
            </button>
          )}
        </Warning>
      ))}
    </div>
  );
}

function Notice({
  kind,
  children,
}: {
  readonly kind: 'info' | 'warning';
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${kind}`}>
      <WarningIcon />
      {children}
    </div>
  );
}

/** What helps against a warning, where a command does. */
const remedies: Partial<Record<WarningCode, { readonly command: PanelCommand; readonly title: string }>> = {
  'untrained-weights': { command: 'selectWeights', title: t('Select weights…') },
  'device-fallback': { command: 'doctor', title: t('Run Doctor') },
};

function Warning({
  warning,
  children,
}: {
  readonly warning: WarningReport;
  readonly children: ComponentChildren;
}) {
  const { send, choose } = usePanel();
  const remedy = remedies[warning.code];
  return (
    <Notice kind="warning">
      <span>
        {warning.message}
        {warning.layers.map((layer) => (
          <button
            key={layer}
            class="text-button layer-link"
            onClick={() => {
              choose({ layer, filter: '', markedOnly: false });
            }}
          >
            {layer}
          </button>
        ))}
      </span>
      {remedy && (
        <Button
          onClick={() => {
            send({ type: 'run', command: remedy.command });
          }}
        >
          {remedy.title}
        </Button>
      )}
      {children}
    </Notice>
  );
}

/** The panel's head: the image, the verdict, what can be switched, and where the report lies. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { CamMethod, TargetReport } from '../../../protocol/report';
import type { PartialReport } from '../../../protocol/requests';
import { ClassNames, PREDICTED_TARGET } from '../../../protocol/target';
import { CAM_METHODS } from '../../../protocol/vocabulary';
import { usePanel } from '../context';
import { offeredClasses } from '../text/classes';
import { summary } from '../text/summary';
import { milliseconds, whole } from '../text/numbers';
import { deviceTitles } from '../text/words';
import { Button, Dropdown, RadioGroup } from '../toolkit';
import { Choices } from './Choices';
import { FailureBanner } from './FailureBanner';
import { useHeadHeight } from './hooks/head';
import { SearchIcon } from './icons';
import { Verdict } from './Verdict';
import { translated, t } from '../l10n';

export function Header({ report }: { readonly report: PartialReport }) {
  const { state } = usePanel();
  const name = state.image?.split(/[\\/]/).at(-1) ?? '';
  const title = useRef<HTMLHeadingElement>(null);
  const head = useRef<HTMLElement>(null);
  useHeadHeight(head);
  const failedFirst = state.failure !== null && state.report === null;
  return (
    <header ref={head} class={failedFirst ? 'header header-failed' : 'header'}>
      <div class="header-row">
        <h1 ref={title} class="title" title={state.image ?? ''} tabIndex={-1}>
          {name}
        </h1>
        <Verdict report={report} />
      </div>
      <div class="header-row controls">
        <TargetSwitch report={report} />
        <MethodSwitch report={report} />
        <span class="spacer" />
        <Run report={report} />
        {state.running ? <Running next={title} /> : <Links />}
      </div>
      <Choices report={report} />
      <FailureBanner next={title} />
      <ProgressLine />
    </header>
  );
}

/** The device and the time that the run took; reasons for a fallback in the tooltip. */
function Run({ report }: { readonly report: PartialReport }) {
  const { state } = usePanel();
  const { device, model } = report;
  const total = state.report?.timings.reduce((sum, { milliseconds: part }) => sum + part, 0);
  const reasons = device?.passedOver.map(({ provider, reason }) => `${deviceTitles[provider]}: ${reason}`);
  return (
    <span class="run">
      {model && (
        <span class="ellipsis" title={model.path ?? model.name}>
          {model.name}
        </span>
      )}
      {device && <span title={reasons?.join('\n') ?? ''}>{deviceTitles[device.provider]}</span>}
      {total !== undefined && <span>{milliseconds(total)}</span>}
    </span>
  );
}

/** The class that a target stands for in the switch: what was requested, not what it came to; null for the predicted one. */
const chosenClass = (target: TargetReport): number | null =>
  target.requested === PREDICTED_TARGET ? null : target.index;

/** Classes beyond which a name is found sooner by typing. */
const MANY = 12;

function targetHint(left: number): string {
  const hint = t('The logit whose gradient the heatmaps show.');
  if (left === 0) return hint;
  return left === 1
    ? `${hint} ${t('One less probable class is not listed: choose it by its name.')}`
    : `${hint} ${t('{0} less probable classes are not listed: choose one by its name.', whole(left))}`;
}

function TargetSwitch({ report }: { readonly report: PartialReport }) {
  const { state, send } = usePanel();
  const { target, model, classifier } = report;
  const labels = model?.labels ?? classifier?.labels;
  const names = useMemo(() => new ClassNames(labels ?? []), [labels]);
  if (!target || !labels) return null;
  const chosen = chosenClass(target);
  const offered = offeredClasses(labels, classifier, chosen);
  const left = labels.length - offered.length;
  const props = {
    label: t('Target class'),
    value: chosen === null ? PREDICTED_TARGET : names.targetOf(chosen),
    // Two classes may share a name: what is sent means one of them.
    choices: [
      ...offered.map((index) => ({ value: names.targetOf(index), title: names.titleOf(index) })),
      { value: PREDICTED_TARGET, title: t('predicted') },
    ],
    disabled: state.report === null || state.running,
    onChange: (value: string) => {
      send({ type: 'retarget', target: value, methods: state.report?.methods ?? [] });
    },
  };
  return (
    <div class="field target">
      <span class="field-label" title={targetHint(left)}>
        {t('Target')}
      </span>
      {labels.length <= 3 ? <RadioGroup {...props} /> : <Dropdown {...props} />}
      {labels.length > MANY && (
        <Button
          appearance="icon"
          label={t('Choose a class by its name...')}
          disabled={props.disabled}
          onClick={() => send({ type: 'chooseTarget', methods: state.report?.methods ?? [] })}
        >
          <SearchIcon />
        </Button>
      )}
    </div>
  );
}

function MethodSwitch({ report }: { readonly report: PartialReport }) {
  const { state, view, choose, send } = usePanel();
  const computed = state.report?.methods ?? report.methods;
  // Comes with the target, beside which it stands, so that it does not move.
  if (!computed || !report.target) return null;
  const shown = computed.find((method) => method === view.method) ?? computed[0] ?? 'gradcam';
  const choices = CAM_METHODS.map(({ id: value, title }) => ({
    value,
    title: computed.includes(value) ? translated(title) : t('{0} (compute)', translated(title)),
  }));
  const onChange = (method: CamMethod) => {
    choose({ method });
    if (computed.includes(method) || !state.report) return;
    send({ type: 'retarget', target: state.report.target.requested, methods: [...computed, method] });
  };
  const disabled = state.report === null || state.running;
  return (
    <div class="field">
      <span class="field-label">{t('Method')}</span>
      <Dropdown
        label={t('Heatmap method')}
        value={shown}
        choices={choices}
        disabled={disabled}
        onChange={onChange}
      />
    </div>
  );
}

function Links() {
  const { state, send } = usePanel();
  const { report } = state;
  if (!report) return null;
  const open = (what: 'folder' | 'markdown' | 'json') => () => {
    send({ type: 'open', what });
  };
  return (
    <div class="links" role="group" aria-label={t('Open the report as')}>
      <Button label={t('Open the report folder')} onClick={open('folder')}>
        {t('Folder')}
      </Button>
      <Button label={t('Open report.md as Markdown')} onClick={open('markdown')}>
        Markdown
      </Button>
      <Button label={t('Open report.json')} onClick={open('json')}>
        JSON
      </Button>
      <Button
        label={t('Copy a summary in words')}
        onClick={() => {
          send({ type: 'copy', text: summary(report) });
        }}
      >
        {t('Copy')}
      </Button>
    </div>
  );
}

/**
 * What runs and how to stop it, where the links are otherwise.
 * @param next takes the focus if the button that has it goes
 */
function Running({ next }: { readonly next: RefObject<HTMLElement | null> }) {
  const { state, send } = usePanel();
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => () => {
      if (frame.current?.contains(document.activeElement)) next.current?.focus({ preventScroll: true });
    },
    [next],
  );
  return (
    <div ref={frame} class="running">
      <span class="running-message ellipsis">{state.progress?.message ?? t('Waiting for the engine')}</span>
      <Button
        onClick={() => {
          send({ type: 'cancel' });
        }}
      >
        {t('Cancel')}
      </Button>
    </div>
  );
}

/** A thin line over the head's lower edge while something runs; takes no room of its own. */
function ProgressLine() {
  const { running, progress } = usePanel().state;
  if (!running) return null;
  return (
    <progress
      class="progress-line"
      aria-label={t('Analysis')}
      {...(progress ? { value: progress.fraction } : {})}
      max={1}
    />
  );
}

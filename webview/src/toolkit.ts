/** The one door to Microsoft's webview toolkit: its elements, registered once, as typed components. */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeRadio,
  vsCodeRadioGroup,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { h, type ComponentChildren, type VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeRadio(),
    vsCodeRadioGroup(),
    vsCodeTextField(),
  );
}

/** The toolkit's elements are not part of Preact's types. */
const element = (tag: string, props: object, children?: ComponentChildren): VNode =>
  h(tag, props as Record<string, unknown>, children);

/** The value that a form element of the toolkit holds when it fires. */
const valueOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;

export interface ButtonProps {
  readonly appearance?: 'primary' | 'secondary' | 'icon';
  /** What a screen reader says, and the tooltip; needed where the content is a picture. */
  readonly label?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

export function Button({
  appearance = 'secondary',
  label,
  disabled = false,
  pressed,
  onClick,
  children,
}: ButtonProps): VNode {
  const props = { appearance, disabled, onClick, 'aria-label': label, title: label, 'aria-pressed': pressed };
  return element('vscode-button', props, children);
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly title: string;
}

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly disabled?: boolean;
  readonly onChange: (value: Value) => void;
}

/** Sets `value` after the options are there: the toolkit's lists lose one that is set before. */
function useLateValue<Value extends string>({ value, choices }: ChoiceProps<Value>) {
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (ref.current && ref.current.value !== value) ref.current.value = value;
  }, [value, choices]);
  return ref;
}

/** Only what the reader did counts: the toolkit also fires when the value is set from here. */
const chosen =
  <Value extends string>({ value, choices, onChange }: ChoiceProps<Value>) =>
  (event: Event) => {
    const choice = choices.find((candidate) => candidate.value === valueOf(event));
    if (choice && choice.value !== value) onChange(choice.value);
  };

export function Dropdown<Value extends string>(props: ChoiceProps<Value>): VNode {
  const ref = useLateValue(props);
  const options = props.choices.map(({ value, title }) =>
    element('vscode-option', { key: value, value }, title),
  );
  const attributes = {
    ref,
    'aria-label': props.label,
    disabled: props.disabled ?? false,
    onChange: chosen(props),
  };
  return element('vscode-dropdown', attributes, options);
}

export function RadioGroup<Value extends string>(props: ChoiceProps<Value>): VNode {
  const ref = useLateValue(props);
  const radios = props.choices.map(({ value, title }) =>
    element('vscode-radio', { key: value, value }, title),
  );
  const attributes = {
    ref,
    'aria-label': props.label,
    disabled: props.disabled ?? false,
    onChange: chosen(props),
  };
  return element('vscode-radio-group', attributes, radios);
}

export interface CheckboxProps {
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: string;
}

/** The toolkit names some elements itself when they are connected, from the text they have then or by their kind. */
function useLabel(label: string) {
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    ref.current?.setAttribute('aria-label', label);
  }, [label]);
  return ref;
}

export function Checkbox({ checked, disabled = false, onChange, children }: CheckboxProps): VNode {
  const ref = useLabel(children);
  const onClick = (event: Event) => {
    const now = (event.currentTarget as HTMLInputElement).checked;
    if (now !== checked) onChange(now);
  };
  return element('vscode-checkbox', { ref, checked, disabled, onChange: onClick }, children);
}

export interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

export function TextField({ label, placeholder, value, onInput }: TextFieldProps): VNode {
  return element('vscode-text-field', {
    ref: useLabel(label),
    placeholder,
    value,
    onInput: (event: Event) => onInput(valueOf(event)),
  });
}

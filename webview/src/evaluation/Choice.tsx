/** One of several values. With thousands of them, such as classes, the list is filled once it is about to open: the page is there a second sooner. */
import { useMemo, useState } from 'preact/hooks';

/** Value and name. */
export type Option = readonly [value: string | number, name: string];

const MOST_AT_ONCE = 200;

interface Props {
  readonly name: string;
  readonly value: string | number;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}

export function Choice({ name, value, options, onChange }: Props) {
  const [isWanted, setWanted] = useState(false);
  const want = (): void => {
    setWanted(true);
  };
  const isWhole = isWanted || options.length <= MOST_AT_ONCE;
  const elements = useMemo(
    () =>
      options
        .filter(([id]) => isWhole || id === value)
        .map(([id, text]) => (
          <option key={id} value={id}>
            {text}
          </option>
        )),
    // The whole list does not depend on which of its values is chosen.
    [options, isWhole, isWhole ? null : value],
  );
  return (
    <label onPointerEnter={want}>
      {name}{' '}
      <select
        value={value}
        onFocus={want}
        onPointerDown={want}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value);
        }}
      >
        {elements}
      </select>
    </label>
  );
}

/** A menu at a picture or table: opened by the right button, the menu key, or its button; walked with the arrow keys. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../toolkit';
import { MoreIcon } from './icons';
import { t } from '../l10n';

export interface MenuItem {
  readonly title: string;
  readonly disabled?: boolean;
  readonly run: () => void;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export interface MenuProps {
  /** What the menu is of, such as "Heatmap of features.18". */
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** Around what the menu is of; its button stands in the corner. */
export function WithMenu({ label, items, children, class: name = '' }: MenuProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const back = useRef<Element | null>(null);
  const open = (at: Place) => {
    back.current = document.activeElement;
    setPlace(at);
  };
  const close = () => {
    setPlace(null);
    if (back.current instanceof HTMLElement) back.current.focus();
  };
  const onContextMenu = (event: MouseEvent) => {
    event.preventDefault(); // the editor has a menu of its own
    event.stopPropagation();
    const box = (event.target as Element).getBoundingClientRect();
    // The menu key points at nothing.
    const byKey = event.clientX === 0 && event.clientY === 0;
    open(byKey ? { x: box.left + 8, y: box.top + 8 } : { x: event.clientX, y: event.clientY });
  };
  const onButton = () => {
    const box = frame.current?.querySelector('.menu-button')?.getBoundingClientRect();
    open({ x: box?.left ?? 0, y: box?.bottom ?? 0 });
  };
  return (
    <div ref={frame} class={`with-menu ${name}`} onContextMenu={onContextMenu}>
      {children}
      <span class="menu-button">
        <Button appearance="icon" label={t('Save or copy: {0}', label)} onClick={onButton}>
          <MoreIcon />
        </Button>
      </span>
      {place && <Menu {...{ label, items, place, close }} />}
    </div>
  );
}

interface ListProps extends Pick<MenuProps, 'label' | 'items'> {
  readonly place: Place;
  readonly close: () => void;
}

/** Where it is drawn; the first item has the focus. */
function useWholeInPage(list: RefObject<HTMLElement | null>, place: Place): Place {
  const [at, setAt] = useState(place);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    // Whole in the page, however near its edge it was opened.
    setAt({
      x: Math.max(0, Math.min(place.x, document.documentElement.clientWidth - width - 4)),
      y: Math.max(0, Math.min(place.y, window.innerHeight - height - 4)),
    });
    element.querySelector<HTMLElement>('[role=menuitem]:not([aria-disabled=true])')?.focus();
  }, [place]);
  return at;
}

/** Closes where the reader turns elsewhere. */
function useOutside(list: RefObject<HTMLElement | null>, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const outside = (event: Event) => {
      if (!list.current?.contains(event.target as Node)) latest.current();
    };
    document.addEventListener('pointerdown', outside, true);
    window.addEventListener('blur', outside);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      window.removeEventListener('blur', outside);
    };
  }, []);
}

function Menu({ label, items, place, close }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const at = useWholeInPage(list, place);
  useOutside(list, close);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: now + 1,
      ArrowUp: now - 1 + all.length,
      Home: 0,
      End: all.length - 1,
    };
    const next = to[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (next === undefined) return;
    else all[next % all.length]?.focus();
    event.preventDefault();
  };
  return (
    <div
      ref={list}
      class="context-menu"
      role="menu"
      aria-label={label}
      style={{ left: `${at.x}px`, top: `${at.y}px` }}
      onKeyDown={onKeyDown}
    >
      {items.map(({ title, disabled = false, run }) => (
        <button
          key={title}
          role="menuitem"
          class="context-item"
          aria-disabled={disabled}
          tabIndex={-1}
          onClick={() => {
            if (disabled) return;
            close();
            run();
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** The few icons of the panel, 16x16, in the color of the text around them. */
import type { VNode } from 'preact';

const icon = (path: string): (() => VNode) =>
  function Icon() {
    return (
      <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={path} fill="currentColor" />
      </svg>
    );
  };

export const PlayIcon = icon('M4 2.5v11l9.5-5.5z');
export const PauseIcon = icon('M4 3h3v10H4zM9 3h3v10H9z');
export const PreviousIcon = icon('M8 4.6 3.1 9.5l.9.9 4-4 4 4 .9-.9z');
export const NextIcon = icon('M8 11.4 3.1 6.5l.9-.9 4 4 4-4 .9.9z');
export const PlusIcon = icon('M7.4 3h1.2v4.4H13v1.2H8.6V13H7.4V8.6H3V7.4h4.4z');
export const MinusIcon = icon('M3 7.4h10v1.2H3z');
export const CloseIcon = icon(
  'm8 7.2 3.8-3.8.8.8L8.8 8l3.8 3.8-.8.8L8 8.8l-3.8 3.8-.8-.8L7.2 8 3.4 4.2l.8-.8z',
);
export const SearchIcon = icon(
  'M6.5 2a4.5 4.5 0 1 0 2.7 8.1l3.8 3.8.9-.9-3.8-3.8A4.5 4.5 0 0 0 6.5 2zm0 1.2a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6z',
);
export const WholeIcon = icon(
  'M2 2h4v1.2H3.2V6H2zM10 2h4v4h-1.2V3.2H10zM2 10h1.2v2.8H6V14H2zM12.8 10H14v4h-4v-1.2h2.8z',
);
export const WarningIcon = icon(
  'M8 1.2 15.2 14H.8zM8 3.7 2.9 12.8h10.2zM7.4 6.5h1.2v3.3H7.4zm0 4.1h1.2v1.2H7.4z',
);
export const ErrorIcon = icon(
  'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 1.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2zM7.4 4.5h1.2v4.3H7.4zm0 5.5h1.2v1.3H7.4z',
);
export const CheckIcon = icon('M6.3 11.9 2.6 8.2l.9-.9 2.8 2.8 6.2-6.2.9.9z');
export const ChevronIcon = icon('m5.7 13.7-.7-.7 5-5-5-5 .7-.7L11.4 8z');
export const MoreIcon = icon(
  'M3 6.8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4zm5 0a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4zm5 0a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4z',
);

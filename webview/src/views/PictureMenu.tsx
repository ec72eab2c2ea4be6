/** The menu of a picture that the engine drew: input, region, mask, and what each step made of it. */
import type { ComponentChildren } from 'preact';
import { usePanel } from '../context';
import { reportProblem } from '../host';
import { WithMenu, type MenuItem } from './ContextMenu';
import { t } from '../l10n';

export interface PictureMenuProps {
  /** What the picture is of. */
  readonly label: string;
  /** Of the file, without its ending. */
  readonly file: string;
  /** The picture as base64. */
  readonly png: () => Promise<string>;
  /** What else can be done, such as with the numbers that are drawn over it. */
  readonly more?: readonly MenuItem[];
  readonly children: ComponentChildren;
}

export function PictureMenu({ label, file, png, more = [], children }: PictureMenuProps) {
  const { send } = usePanel();
  const save = () => {
    png().then(
      (base64) => send({ type: 'save', name: `${file}.png`, base64 }),
      (error: unknown) => reportProblem(send, error),
    );
  };
  return (
    <WithMenu
      class="menu-of-picture"
      label={label}
      items={[{ title: t('Save as PNG...'), run: save }, ...more]}
    >
      {children}
    </WithMenu>
  );
}

/** Buttons for what a failure says can be done about it, as far as the editor has a way to do it. */
import type { Failure } from '../../../protocol/failure';
import type { FromPanel } from '../../../protocol/panel';
import { usePanel } from '../context';
import { actionsFor } from '../state/remedies';
import { Button } from '../toolkit';

export function Remedies({ failure }: { readonly failure: Failure }) {
  const { send } = usePanel();
  const press = (message: FromPanel) => () => {
    send(message);
  };
  return (
    <>
      {actionsFor(failure).map(({ title, label, message }) => (
        <Button key={title} {...(label === undefined ? {} : { label })} onClick={press(message)}>
          {title}
        </Button>
      ))}
    </>
  );
}

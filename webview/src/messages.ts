/** Messages of the editor: in their order, though some take a moment to unpack, and held until somebody listens. */
import type { PackedJson, SentToPanel, ToPanel } from '../../protocol/panel';
import type { Report } from '../../protocol/report';

type Listener = (message: ToPanel) => void;

/**
 * @param ask is called if what was sent before the page was ready has not come
 * @returns begins to listen, and returns what ends that
 */
export function messages(ask: () => void): (listener: Listener) => () => void {
  const held: ToPanel[] = [];
  const hold: Listener = (message) => void held.push(message);
  let listen = hold;
  let hasContent = false;
  const receive = (message: ToPanel | { readonly type: 'sent' }): void => {
    if (message.type !== 'sent') {
      hasContent ||= message.type === 'report' || message.type === 'unreadable';
      listen(message);
    } else if (!hasContent) ask();
  };
  /** Messages that come while one is unpacked. */
  let behind: Promise<void> | null = null;
  window.addEventListener('message', ({ data }: MessageEvent<SentToPanel>) => {
    if (data.type !== 'report' && behind === null) {
      receive(data);
      return;
    }
    const turn: Promise<void> = (behind ?? Promise.resolve()).then(async () => {
      const message = data.type === 'report' ? await unpacked(data) : data;
      if (behind === turn) behind = null;
      receive(message);
    });
    behind = turn;
  });
  return (listener) => {
    listen = listener;
    for (const message of held.splice(0)) listener(message);
    return () => {
      listen = hold;
    };
  };
}

async function unpacked({
  json,
  gzipped,
  ...shown
}: Extract<SentToPanel, { type: 'report' }>): Promise<ToPanel> {
  return { ...shown, report: (await parsed({ json, gzipped })) as Report };
}

async function parsed({ json, gzipped }: PackedJson): Promise<unknown> {
  const decoder = new TextDecoder();
  if (!gzipped) return JSON.parse(decoder.decode(json));
  // Half of the time that `Response.json` takes.
  const { readable, writable } = new DecompressionStream('gzip');
  const reader = readable.getReader();
  const written = writeWhole(writable, json);
  let text = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    text += decoder.decode(piece.value, { stream: true });
  await written;
  return JSON.parse(text);
}

async function writeWhole(writable: WritableStream<BufferSource>, bytes: ArrayBuffer): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(bytes);
  await writer.close();
}

/** The page that a report panel starts from: a strict policy, one script, one style sheet, one empty element. */

export interface PageParts {
  /** Allowed once for the script; new for every page. */
  readonly nonce: string;
  /** Likewise for the empty style element with which the toolkit asks whether `:focus-visible` is known. */
  readonly styleNonce: string;
  /** The webview's own origin, from which its style sheet and the report's pictures come. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  /** Of the texts, as `lang` has it. */
  readonly language: string;
  /** Translations by the English text; none where the page speaks English. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Nothing from the network, no inline script, no inline style, no frames; WebAssembly is the pixel kernels that the script carries. */
const policy = ({ nonce, styleNonce, source }: PageParts): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    `style-src ${source} 'nonce-${styleNonce}'`,
    `img-src ${source}`,
    `font-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** As data within a page: nothing in it ends the element. */
const asData = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

export function panelPage(parts: PageParts): string {
  return `<!DOCTYPE html>
<html lang="${escape(parts.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${escape(policy(parts))}" />
    <meta property="csp-nonce" content="${escape(parts.styleNonce)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Inference Lens</title>
    <link rel="stylesheet" href="${escape(parts.style)}" />
  </head>
  <body>
    <div id="root"></div>
    <script type="application/json" id="l10n">${asData(parts.texts)}</script>
    <script nonce="${escape(parts.nonce)}" src="${escape(parts.script)}"></script>
  </body>
</html>
`;
}

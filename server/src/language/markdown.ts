/** Embeds text from files and models in Markdown that an editor renders, as plain text. */
import { pathToFileURL } from 'node:url';

/** None of it becomes a link, HTML or emphasis. */
export const escaped = (text: string): string =>
  text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>()#+!|~&]/g, (sign) => `\\${sign}`);

/** In a run of backquotes longer than any in it. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${space}${text.replace(/[\r\n]+/g, ' ')}${space}${fence}`;
}

/** A picture on this machine's disk. @param path absolute; @param width in pixels, which some editors ignore */
export const picture = (path: string, width: number): string => `![](${address(path)}|width=${width})`;

/** Of a file, as the target of a link: brackets in it end nothing. */
export const address = (path: string): string =>
  pathToFileURL(path).href.replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));

/**
 * Pages that come where a file was asked for: a log-in, a notice, a portal of a guest network. Pure.
 */

/** What stands before the first element: byte order mark, blanks, the declaration, comments. */
const PAGE = /^\ufeff?(?:\s|<\?xml[^>]*>|<!--[^>]*-->)*<(?:!doctype\s+html|html|head|body)\b/i;
/** More of a file is not looked at. */
export const PAGE_HEAD_BYTES = 512;

/** @param head  the first bytes of what came */
export function isWebPage(head: Uint8Array): boolean {
  return PAGE.test(new TextDecoder("utf-8", { ignoreBOM: true }).decode(head.subarray(0, PAGE_HEAD_BYTES)));
}

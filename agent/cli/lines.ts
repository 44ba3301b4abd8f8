/**
 * Lines from pieces of text, with bounded memory.
 */

/** Real lines of logs are far shorter; of a longer one the rest is passed over. */
export const LINE_CHARS_MAX = 64 * 1024;

/** Each line without its end (LF or CRLF); a last one without an end counts, an empty rest does not. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let open = "";
  let begun = false;
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    open = cut(open + first);
    begun ||= first !== "";
    for (const next of others) {
      yield open.replace(/\r$/, "");
      open = cut(next);
      begun = next !== "";
    }
  }
  if (begun) yield open.replace(/\r$/, "");
}

function cut(text: string): string {
  return text.length > LINE_CHARS_MAX ? text.slice(0, LINE_CHARS_MAX) : text;
}

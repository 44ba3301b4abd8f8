/**
 * Lines from pieces of text, with bounded memory.
 */

/** Real lines of logs are far shorter; of a longer one the rest is passed over. */
export const LINE_CHARS_MAX = 64 * 1024;

/**
 * The lines that each piece completes, without their ends (LF or CRLF); a last one without an end counts, an empty rest does not.
 * A line longer than `LINE_CHARS_MAX` comes with one character more than that, and no further.
 */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let open = "";
  let begun = false;
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    open = cut(open + first);
    begun ||= first !== "";
    const complete: string[] = [];
    for (const next of others) {
      complete.push(open.replace(/\r$/, ""));
      open = cut(next);
      begun = next !== "";
    }
    if (complete.length > 0) yield complete;
  }
  if (begun) yield [open.replace(/\r$/, "")];
}

function cut(text: string): string {
  return text.length > LINE_CHARS_MAX ? text.slice(0, LINE_CHARS_MAX + 1) : text;
}

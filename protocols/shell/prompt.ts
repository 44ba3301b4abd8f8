/**
 * Reads a command line interface by the shape of the answer: echoes, prompts, banners, notifications, blank and late
 * lines are passed over; a line that is not the answer proves nothing. Pure.
 * Source: protocols/video.md 4.2.
 */

/** The start banner alone has more than 13 lines and may come in place of an answer. Source: protocols/video.md 4.2. */
export const DEFAULT_LINES = 60;
/** The longest line of a real answer is about 120 characters. */
const LINE_CHARS = 4_096;
const REASON_CHARS = 200;

/** How an answer looks. */
export interface Shape {
  /** A line of the answer. */
  readonly line: RegExp;
  /** The line that ends it; without it the first line of the answer does. */
  readonly until?: RegExp;
  /** Lines read before giving up; without it `DEFAULT_LINES`. */
  readonly maxLines?: number;
  /** Real milliseconds of waiting after which the command is sent once more; only for commands that change nothing. */
  readonly repeatAfterMs?: number;
  /** Real milliseconds of silence that are an answer without lines; only for commands that say no aloud and yes perhaps not at all. */
  readonly quietAfterMs?: number;
}

/** What the text read so far amounts to. */
export type Heard =
  | { readonly at: "more" }
  | { readonly at: "answer"; readonly lines: readonly string[] }
  | { readonly at: "refused"; readonly reason: string }
  | { readonly at: "tooMuch"; readonly budget: "items" | "bytes"; readonly limit: number };

/** Takes text as it arrives; once it is past `more` it stays as it is. */
export interface Reader {
  feed(text: string): Heard;
}

const PROMPT = /^(?:\s*->\s?)+/;
const NOT_AN_ANSWER = /^(?:notification:|already active:|notify \S+ success)/;
const REFUSAL = /^\s?(?:error|info):\s*(.+)$/;

export function createReader(command: string, shape: Shape): Reader {
  const maxLines = shape.maxLines ?? DEFAULT_LINES;
  const answer: string[] = [];
  let rest = "";
  let seen = 0;
  let result: Heard = { at: "more" };

  const take = (raw: string): Heard => {
    const line = clean(raw);
    if (line === "" || line === command || NOT_AN_ANSWER.test(line)) return { at: "more" };
    const isLine = shape.line.test(line);
    const isEnd = shape.until?.test(line) === true;
    if (isLine) answer.push(line);
    if (isEnd || (isLine && shape.until === undefined)) return { at: "answer", lines: answer };
    const refusal = isLine ? null : REFUSAL.exec(line);
    return refusal === null ? { at: "more" } : { at: "refused", reason: (refusal[1] ?? "").slice(0, REASON_CHARS) };
  };

  return {
    feed(text) {
      if (result.at !== "more") return result;
      rest += text;
      for (let end = /[\r\n]/.exec(rest); end !== null && result.at === "more"; end = /[\r\n]/.exec(rest)) {
        const line = rest.slice(0, end.index);
        rest = rest.slice(end.index + 1);
        if (line === "") continue;
        result = ++seen > maxLines ? { at: "tooMuch", budget: "items", limit: maxLines } : take(line);
      }
      if (result.at === "more" && rest.length > LINE_CHARS) result = { at: "tooMuch", budget: "bytes", limit: LINE_CHARS };
      return result;
    },
  };
}

/** Without prompt and control characters (a terminal's colours and bells). */
function clean(raw: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const plain = raw.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
  return plain.replace(PROMPT, "").trim();
}

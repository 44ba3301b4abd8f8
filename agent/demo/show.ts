/**
 * What the viewer sees: one line per thing that happened, a live line while something runs, and at the end what held.
 */

export interface ShowIo {
  readonly out: (text: string) => void;
  readonly terminal: boolean;
  readonly color: boolean;
  readonly json: boolean;
  readonly columns: number;
  /** Real milliseconds since the start. */
  readonly elapsedMs: () => number;
}

export interface Show {
  scene(title: string): void;
  line(text: string): void;
  /** Replaces itself on a terminal; off a terminal nothing is written. */
  live(text: string): void;
  /** A promise of the product: kept or broken. */
  check(what: string, kept: boolean, detail?: string): void;
  readonly passed: number;
  readonly failed: number;
  end(): void;
}

const paint = (io: ShowIo, code: string, text: string): string => (io.color ? `\u001b[${code}m${text}\u001b[0m` : text);

export function createShow(io: ShowIo): Show {
  let passed = 0;
  let failed = 0;
  let liveShown = false;
  const clearLive = (): void => {
    if (liveShown) io.out("\r\u001b[2K");
    liveShown = false;
  };
  const stamp = (): string => paint(io, "2", `${String(Math.round(io.elapsedMs() / 1000)).padStart(3)} s `);
  const write = (kind: string, text: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    clearLive();
    if (io.json) io.out(`${JSON.stringify({ schema: "groundswell.demo/1", atMs: Math.round(io.elapsedMs()), kind, text, ...fields })}\n`);
    else io.out(`${stamp()}${text}\n`);
  };
  return {
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
    scene(title) {
      if (!io.json) io.out("\n");
      write("scene", io.json ? title : paint(io, "1;36", title));
    },
    line: (text) => {
      for (const part of text.split("\n")) write("line", `  ${part}`);
    },
    live(text) {
      if (!io.terminal || io.json) return;
      clearLive();
      io.out(`${stamp()}  ${text}`.slice(0, io.columns + 8));
      liveShown = true;
    },
    check(what, kept, detail) {
      if (kept) passed++;
      else failed++;
      const mark = kept ? paint(io, "32", "✓") : paint(io, "31", "✗");
      const text = io.json ? what : `  ${mark} ${what}${kept || detail === undefined ? "" : `: ${detail}`}`;
      write("check", text, { kept, ...(detail === undefined ? {} : { detail }) });
    },
    end: clearLive,
  };
}

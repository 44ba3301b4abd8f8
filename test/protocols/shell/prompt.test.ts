import fc from "fast-check";
import { expect, test } from "vitest";
import { createReader, DEFAULT_LINES, type Heard, type Shape } from "../../../protocols/shell/prompt.ts";

const MODEL: Shape = { line: /^systemsetting model "/ };
const CALL: Shape = { line: /^(?:system is not in a call|callinfo:)/, until: /^(?:system is not in a call|callinfo end)$/ };
/** The start banner, which may come again in place of an answer. Source: protocols/video.md 4.2. */
const BANNER = [
  "Hi, my name is : Room 700",
  "Here is what I know about myself:",
  "Model: RealPresence Group 700",
  "Serial Number: 8213AAAABBCCCV",
  "Software Version: Release - 6.2.2.8-670021",
  "Build Information: root@builder",
  "Contact Number: <empty>",
  "Time In Last Call: 0:00:00",
  "Total Time In Calls: 0:00:00",
  "Total Calls: 0",
  "SNTP Time Service: auto",
  "Local Time is: Mon, 1 Jan 2026 10:00:00",
  "IP Video Number: 192.0.2.9",
  "MP Enabled: KABC-0000",
  "H323 Enabled: true",
  "HTTP Enabled: true",
  "SNMP Enabled: false",
];
const ANSWER = 'systemsetting model "RealPresence Group 700"';

/** What a reader has heard after all the text; lines end as over SSH. */
function hear(shape: Shape, lines: readonly string[], command = "systemsetting get model"): Heard {
  return createReader(command, shape).feed(lines.map((line) => `${line}\r\r\n`).join(""));
}

test("createReader(): the answer is found behind echo, prompt, banner, notification and blank lines [video 4.2.4] [video 4.2.7]", () => {
  const lines = ["-> systemsetting get model", "", ...BANNER, "notification:mutestatus:far:muted", "-> ", ANSWER];
  expect(hear(MODEL, lines)).toEqual({ at: "answer", lines: [ANSWER] });
});

test("createReader(): however the text is cut into packets, the answer is the same", () => {
  const text = ["-> systemsetting get model", ...BANNER, ANSWER].map((line) => `${line}\r\r\n`).join("");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 }), (sizes) => {
      const reader = createReader("systemsetting get model", MODEL);
      let last: Heard = { at: "more" };
      for (let at = 0, turn = 0; at < text.length; turn++) {
        const size = sizes[turn % sizes.length] as number;
        last = reader.feed(text.slice(at, at + size));
        at += size;
      }
      expect(last).toEqual({ at: "answer", lines: [ANSWER] });
    }),
  );
});

test("createReader(): a line that is not the answer proves nothing [video 4.2.12]", () => {
  expect(hear(CALL, BANNER, "callinfo all")).toEqual({ at: "more" });
});

test("createReader(): an answer of several lines is all lines of its shape up to its end [video 4.2.21]", () => {
  const lines = ["callinfo begin", "callinfo:43:Polycom:192.0.2.1:384", "Model: x", "callinfo:44:b", "callinfo end", "late"];
  expect(hear(CALL, lines, "callinfo all")).toEqual({ at: "answer", lines: ["callinfo:43:Polycom:192.0.2.1:384", "callinfo:44:b"] });
});

test("createReader(): an end that is itself the answer is in it", () => {
  expect(hear(CALL, ["system is not in a call"], "callinfo all")).toEqual({ at: "answer", lines: ["system is not in a call"] });
});

test("createReader(): an unfinished line is no answer yet", () => {
  const reader = createReader("x", MODEL);
  expect([reader.feed(ANSWER).at, reader.feed("\r").at]).toEqual(["more", "answer"]);
});

test("createReader(): colours, bells and prompts before the answer are not part of it", () => {
  expect(hear(MODEL, [`\x1b[1;32m-> -> ${ANSWER}\x07\x1b[0m`])).toEqual({ at: "answer", lines: [ANSWER] });
});

test.each([
  "error: command not found",
  "error: command has illegal parameters",
  "error: command needs more parameters to execute successfully",
  ' error: sub command "x" not found',
  "error: command contains unterminated quoted string",
  "error: this command is not supported",
  "error: Permission Denied",
  "error: reboot cannot be performed while in a call",
  "info: not allowed now",
])('createReader(): "%s" is the device saying no [video 4.2.31] [video 4.2.28]', (line) => {
  expect(hear(MODEL, [line])).toEqual({ at: "refused", reason: line.replace(/^ ?\w+: /, "") });
});

test("createReader(): a refusal's reason is cut at 200 characters", () => {
  expect(hear(MODEL, [`error: ${"x".repeat(500)}`])).toEqual({ at: "refused", reason: "x".repeat(200) });
});

test("createReader(): a line of the answer's own shape is the answer even where it begins like a refusal", () => {
  expect(hear({ line: /^error: none$/ }, ["error: none"])).toEqual({ at: "answer", lines: ["error: none"] });
});

test("createReader(): more lines than the limit end the reading, an answer on the last allowed line does not", () => {
  const noise = (count: number): string[] => Array.from({ length: count }, (_, i) => `noise ${i}`);
  expect(hear(MODEL, [...noise(DEFAULT_LINES - 1), ANSWER]).at).toBe("answer");
  expect(hear(MODEL, [...noise(DEFAULT_LINES), ANSWER])).toEqual({ at: "tooMuch", budget: "items", limit: DEFAULT_LINES });
  expect(hear({ ...MODEL, maxLines: 2 }, [...noise(2), ANSWER])).toEqual({ at: "tooMuch", budget: "items", limit: 2 });
});

test("createReader(): a line without end is cut off", () => {
  const reader = createReader("x", MODEL);
  expect(reader.feed("y".repeat(4_096)).at).toBe("more");
  expect(reader.feed("y")).toEqual({ at: "tooMuch", budget: "bytes", limit: 4_096 });
});

test("createReader(): what was heard once stays", () => {
  const reader = createReader("x", MODEL);
  const heard = reader.feed(`${ANSWER}\r\n`);
  expect(reader.feed("error: too late\r\n")).toBe(heard);
});

test("createReader(): any text at all is bounded and throws nothing", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ unit: fc.constantFrom("-", ">", " ", "\r", "\n", "\x1b", "[", "0", "m", "\x07", "e"), maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (parts) => {
      const reader = createReader("x", { line: /^never$/, maxLines: 10 });
      for (const part of parts) expect(["more", "tooMuch", "refused"]).toContain(reader.feed(part).at);
    }),
  );
});

import { expect, test } from "vitest";
import { AnswerError } from "../../../agent/cli/answers.ts";
import { CliError, type CliIo } from "../../../agent/cli/context.ts";
import { renderError } from "../../../agent/cli/errors.ts";
import { manualClock } from "../../../protocols/core/time.ts";

function rendered(error: CliError, argv: readonly string[] = []) {
  const said = { code: 0, out: "", err: "" };
  const io: CliIo = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    environment: {},
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    readInput: async () => "",
    readHidden: async () => undefined,
    async *inputPieces() {},
    drained: async () => undefined,
    clock: manualClock(0),
    stop: new AbortController().signal,
  };
  said.code = renderError(error, argv, io);
  return said;
}

const ERROR = new CliError("It is away", 69, "Start it");

test("renderError(): for people what and what to do, on standard error alone", () => {
  expect(rendered(ERROR)).toEqual({ code: 69, out: "", err: "groundswell: It is away\n  → Start it\n" });
  expect(rendered(new CliError("No", 1)).err).toBe("groundswell: No\n");
});

test.each(["--json", "--ndjson"])("renderError(): %s gives a document too", (option) => {
  expect(rendered(ERROR, ["status", option])).toEqual({
    code: 69,
    out: '{"schema":"groundswell.error/1","code":"daemonAway","message":"It is away","hint":"Start it"}\n',
    err: "groundswell: It is away\n  → Start it\n",
  });
});

test("renderError(): --quiet keeps standard error silent, the exit code stays", () => {
  expect(rendered(ERROR, ["--quiet"])).toEqual({ code: 69, out: "", err: "" });
});

test("renderError(): the agent's own code is what scripts read", () => {
  const error = new AnswerError("x", { status: "rejected", code: "wrongSite", message: "m" });
  expect(JSON.parse(rendered(error, ["--json"]).out).code).toBe("wrongSite");
});

test("renderError(): a list of problems keeps its lines, nothing else moves the cursor", () => {
  expect(rendered(new CliError("a\nb\u001b[2J\rc\u202e", 1)).err).toBe("groundswell: a\nb·[2J·c·\n");
});

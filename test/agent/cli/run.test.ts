import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCli } from "../../../agent/cli/command.ts";
import { CliError } from "../../../agent/cli/context.ts";
import { runAgent } from "../../../agent/cli/run.ts";
import type { Agent } from "../../../agent/compose.ts";
import type { Config } from "../../../agent/config/schema.ts";
import { StartProblem } from "../../../agent/start-problem.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { StoreError } from "../../../store/sql.ts";
import { NOW } from "./agent.ts";
import { folder, run } from "./kit.ts";

const clock = manualClock(NOW);

test("run: broken settings are exit 78 with all problems in one pass and how to check them", async () => {
  const file = join(folder(), "agent.yaml");
  writeFileSync(file, "site:\n  id: Contoso ZH\n  name: Contoso\nnetwork: 1\nhealth: never\n", { mode: 0o600 });
  const ran = await run(["run", "--config", file], { clock });
  expect([ran.code, ran.out]).toEqual([78, ""]);
  for (const part of ["site.id", "network", "health", `groundswell config check ${file}`]) expect(ran.err).toContain(part);
});

test("run: settings that are not there are exit 78", async () => {
  expect((await run(["run", "--config", join(folder(), "none")], { clock })).code).toBe(78);
});

/** As far as the start of the agent looks at it. */
const CONFIG = { dataDirectory: "/data", log: { level: "info", pretty: false } } as Config;

function bench(stop: AbortSignal = AbortSignal.abort()) {
  const said = { out: "", err: "" };
  const cli = openCli(
    {},
    {
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
      clock,
      stop,
    },
  );
  return { said, start: (start: Parameters<typeof runAgent>[2]) => runAgent(cli, { config: CONFIG, path: "agent.yaml" }, start) };
}

test("runAgent(): one JSON line when it is ready, exit 0 after a clean end", async () => {
  const { said, start } = bench();
  let stopped = 0;
  const agent = { stop: async () => void stopped++ } as unknown as Agent;
  const code = await start(async (_loaded, { onReady }) => {
    onReady?.({ socket: "/s" } as never);
    return agent;
  });
  expect([code, stopped, said.out]).toEqual([0, 1, '{"schema":"groundswell.ready/1","socket":"/s"}\n']);
});

test("runAgent(): it runs until the stop", async () => {
  const stop = new AbortController();
  const { start } = bench(stop.signal);
  const events: string[] = [];
  const running = start(async () => {
    setImmediate(() => {
      events.push("asked to stop");
      stop.abort();
    });
    return { stop: async () => void events.push("stops") } as unknown as Agent;
  });
  expect([await running, events]).toEqual([0, ["asked to stop", "stops"]]);
});

const withCode = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

test.each([
  ["a folder another agent uses", new StoreError("busy", "in use"), 69, "dataDirectory"],
  ["a full disk", new StoreError("full", "disk full"), 75, "Make room"],
  ["a database of a newer agent", new StoreError("newerSchema", "schema 9"), 78, "newer agent"],
  ["a damaged database", new StoreError("corrupt", "damaged"), 1, "restore the newest backup"],
  ["a socket in use", Object.assign(new Error("in use"), { name: "SocketInUse" }), 69, "socket"],
  ["a port in use", withCode("EADDRINUSE", { address: "10.0.0.1", port: 443 }), 69, "10.0.0.1:443"],
  ["a folder that is not ours", withCode("EACCES", { path: "/data" }), 77, '"/data"'],
  ["a disk that is read-only", withCode("EROFS", { path: "/data" }), 77, '"/data"'],
])("runAgent(): %s tells what to do by its exit code and words", async (_what, trouble, exitCode, words) => {
  const error = await bench()
    .start(async () => {
      throw trouble;
    })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CliError);
  expect(error).toMatchObject({ exitCode });
  expect(`${(error as CliError).message} ${(error as CliError).hint}`).toContain(words);
});

test("runAgent(): a start problem keeps its own exit code; our own mistake stays what it is", async () => {
  const throwing = (error: Error) => bench().start(() => Promise.reject(error));
  await expect(throwing(new StartProblem("no roster", "make one", 78))).rejects.toMatchObject({ exitCode: 78, hint: "make one" });
  const bug = new TypeError("ours");
  await expect(throwing(bug)).rejects.toBe(bug);
});

import { expect, test } from "vitest";
import { EXIT } from "../../../agent/cli/exit-codes.ts";
import { AGENT_VERSION } from "../../../agent/version.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { agent, NOW } from "./agent.ts";
import { run } from "./kit.ts";

const io = { clock: manualClock(NOW) };
const COMMANDS: readonly string[] = [
  ...["status", "discover", "probe", "sweep", "run", "demo"],
  ...["list", "show", "refresh"].map((verb) => `device ${verb}`),
  ...["list", "stage", "sync"].map((verb) => `firmware ${verb}`),
  ...["plan", "approve", "start", "status", "list", "resume", "pause", "halt", "skip"].map((verb) => `campaign ${verb}`),
  ...["list", "show"].map((verb) => `ticket ${verb}`),
  ...["list", "verify"].map((verb) => `audit ${verb}`),
  ...["check", "show"].map((verb) => `config ${verb}`),
  ...["new", "show"].map((verb) => `key ${verb}`),
  ...["new", "check"].map((verb) => `roster ${verb}`),
  ...["init", "add", "sign", "publish", "rotate", "verify"].map((verb) => `channel ${verb}`),
];

test.each(COMMANDS)("%s --help: exit 0, usage and purpose on standard output, nothing else", async (command) => {
  const ran = await run([...command.split(" "), "--help"], io);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  expect(ran.out).toMatch(new RegExp(`^Usage: groundswell ${command}\\b`));
  expect(ran.out).toContain("Options that every command has: groundswell --help");
});

test("--help: names every noun, every common option and every exit code", async () => {
  const { code, out } = await run(["--help"], io);
  expect(code).toBe(0);
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command.split(" ")[0]}\\b`, "m"));
  for (const option of ["--json", "--ndjson", "--plain", "--quiet", "--socket", "--site", "--broker", "--key"])
    expect(out).toContain(option);
  for (const exit of Object.values(EXIT)) expect(out).toContain(` ${exit} `);
});

test("--version: prints it and ends", async () => {
  expect(await run(["--version"], io)).toMatchObject({ code: 0, out: `${AGENT_VERSION}\n`, err: "" });
});

test.each([
  [[], "A noun and a verb are needed"],
  [["devise"], "Unknown command 'devise'"],
  [["device", "lst"], "Unknown command 'lst'"],
  [["device", "list", "--modle", "x"], "Unknown option '--modle'"],
  [["device", "show"], "Missing required argument 'device'"],
  [["device", "show", "a", "b"], "Too many arguments"],
])("%j is not understood: exit 2, what and what to do on standard error", async (argv, words) => {
  const ran = await run(argv, io);
  expect(ran).toMatchObject({ code: 2 });
  expect(ran.err).toContain(words);
  expect(ran.err).toMatch(/\n {2}→ \S/);
});

test("a usage error under --json is one document on standard output", async () => {
  const ran = await run(["device", "lst", "--json"], io);
  expect([ran.code, ran.json()]).toMatchObject([2, { schema: "groundswell.error/1", code: "usage", hint: expect.any(String) }]);
});

test("two forms at once are a usage error", async () => {
  const ran = await run(["status", "--json", "--plain"], io);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("Only one of --json, --ndjson and --plain");
});

test("options that every command has work before and after its name", async () => {
  const site = await agent({});
  for (const argv of [
    ["--json", "--socket", site.socket, "device", "list"],
    ["device", "list", "--json", "--socket", site.socket],
  ])
    expect((await run(argv, io)).json()).toMatchObject({ schema: "groundswell.error/1", code: "unknownCommand" });
});

test("a stop while something is waited for is exit 1 and no bug report", async () => {
  const site = await agent({});
  const ran = await site.run(["status"], { stop: AbortSignal.abort() });
  expect(ran).toMatchObject({ code: 1, err: "groundswell: Stopped before it was done\n" });
});

test("our own mistake is exit 1, says so, and drives no terminal", async () => {
  const broken = {
    nowMs: () => {
      throw new TypeError("bad\u001b[2J");
    },
    sleep: async () => undefined,
    toRealMs: (ms: number) => ms,
  };
  const site = await agent({ "device.list": { status: "done", code: "done", message: "", result: { devices: [] } } });
  const ran = await site.run(["device", "list"], { clock: broken });
  expect(ran).toMatchObject({ code: 1, err: "groundswell: Internal error: TypeError: bad·[2J\n" });
});

/** Key codes on their whole way: command line, socket, command handler, database. A planted code is looked for in all that is left. */
import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createCommandHandler, type Verbs } from "../../../agent/commands/handle.ts";
import { answerLocal } from "../../../agent/doors.ts";
import { keyCodeKeysFrom, keyCodeOf } from "../../../agent/firmware/key-seal.ts";
import { keyVerbs } from "../../../agent/firmware/key-verbs.ts";
import { createLog } from "../../../agent/log.ts";
import { startLocalServer } from "../../../agent/web/server.ts";
import { systemRandom } from "../../../protocols/core/random.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { device, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { run } from "../cli/kit.ts";

const ONE = "8213AAAABBCCCV";
const TWO = "8213AAAABBDDDV";
const CANARY = "KA2E-QQZZ-XXWW-0000-0007";
const OTHER = "KA2E-QQZZ-YYVV-0000-0008";

async function site() {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  for (const [number, serial] of [
    [1, ONE],
    [2, TWO],
    [3, undefined],
  ] as const)
    store.devices.save(
      device(number, { family: "group", model: "RealPresence Group 500", running: "5.1.2", ...(serial === undefined ? {} : { serial }) }),
    );
  const clock = manualClock(T0);
  const keys = keyCodeKeysFrom(generateKeyPairSync("ed25519").privateKey);
  const verbs = {
    ...keyVerbs({ store, keys, nowMs: () => clock.nowMs() }),
    "agent.status": async () => ({
      ok: true,
      result: { site: { id: "contoso-zh" }, now: new Temporal.Instant(BigInt(T0) * 1_000_000n).toString() },
    }),
  } as unknown as Verbs;
  const said: string[] = [];
  const log = createLog({ level: "trace", pretty: false, write: (line) => void said.push(line) });
  const handler = createCommandHandler({
    site: "contoso-zh",
    clock,
    store,
    verbs,
    log,
    roster: () => undefined,
    clockState: () => ({ synchronised: true, highestSeenMs: T0 }),
    circumstances: () => undefined,
  });
  const socket = join(directory, "s");
  const io = { handler, verbs, nowMs: () => clock.nowMs(), random: systemRandom(), signal: new AbortController().signal };
  const server = await startLocalServer({
    socket,
    log,
    handle: (request, reply) => answerLocal(request, reply, io),
    probes: { live: async () => ({ ok: true, reasons: [] }), ready: () => ({ ok: true, reasons: [] }) },
  });
  onTestFinished(() => server.close());
  const file = join(directory, "keys.csv");
  const cli = async (...argv: readonly string[]) => {
    const ran = await run(["firmware", "keys", ...argv, "--socket", socket], { clock });
    said.push(ran.out, ran.err);
    return ran;
  };
  const take = (text: string, ...more: readonly string[]) => {
    writeFileSync(file, text);
    return cli("import", file, ...more);
  };
  /** Everything the agent and the command line wrote, but for the list itself. */
  const left = (): string => {
    const files = readdirSync(directory).filter((name) => name !== "keys.csv" && name !== "s");
    return [...said, ...files.map((name) => readFileSync(join(directory, name), "latin1"))].join("\n");
  };
  return { store, keys, cli, take, left, file };
}

test("firmware keys import: taken in, sealed, and nowhere to be read; audit and record say that, not what", async () => {
  const { store, keys, cli, take, left } = await site();
  const ran = await take(`serial,code,release\n${ONE},${CANARY},6\n${TWO},${OTHER},6\n`);
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining("Took in keys.csv: 2 new, 0 changed, 0 unchanged, 0 refused")]);
  expect(keyCodeOf(ONE, 6, { kept: store.keyCodes, keys })?.reveal()).toBe(CANARY);
  const listed = await cli("list", "--json");
  expect(listed.json()).toMatchObject({
    schema: "groundswell.key-codes/1",
    keys: [
      { serial: ONE, release: "6", state: "present", name: "Phone 1", by: "local", file: "keys.csv" },
      { serial: TWO, release: "6", state: "present" },
    ],
    missing: [{ name: "Phone 3", running: "5.1.2" }],
  });
  await cli("list");
  expect(store.audit.list({ limit: 10 }).some(({ subject }) => subject === "keys.csv")).toBe(true);
  // Would be found, were it there: the serial number is.
  expect(left()).toContain(ONE);
  for (const code of [CANARY, OTHER, CANARY.slice(5, 14)]) expect(left()).not.toContain(code);
});

test("firmware keys import: the same again changes nothing, another code does, a dry run keeps nothing", async () => {
  const { store, keys, take } = await site();
  const kept = () => keyCodeOf(ONE, 6, { kept: store.keyCodes, keys })?.reveal();
  expect((await take(`${ONE},${CANARY},6\n`, "--dry-run")).out).toContain("Would take in keys.csv: 1 new");
  expect(kept()).toBeUndefined();
  await take(`${ONE},${CANARY},6\n`);
  expect((await take(`${ONE},${CANARY}\n`, "--for", "6.2")).out).toContain("0 new, 0 changed, 1 unchanged");
  expect((await take(`${ONE},${OTHER},6\n`)).out).toContain("0 new, 1 changed");
  expect(kept()).toBe(OTHER);
});

test("firmware keys import: more than one parcel holds, and serial numbers that are not here", async () => {
  const { store, take } = await site();
  const lines = Array.from({ length: 95 }, (_, at) => `8213AAAA${String(at).padStart(4, "0")}CV,${CANARY}\n`).join("");
  const ran = await take(lines, "--json");
  expect((ran.json()["rows"] as readonly object[]).length).toBe(95);
  expect(store.keyCodes.list()).toHaveLength(95);
  expect((await take(`8213XXXX0000CV,${CANARY}\n`)).out).toMatch(
    /no device here has serial number 8213XXXX0000CV[\s\S]*do not say for which major/,
  );
});

test.each<[string, string, number, RegExp]>([
  ["rows that are none", `${ONE},${CANARY}\n${CANARY},${TWO}\n`, 4, /line 2: the serial number is none/],
  ["none but those", `${CANARY},${TWO}\n`, 1, /0 new, 0 changed, 0 unchanged, 1 refused/],
  ["a broken table", `${ONE},"${CANARY}\n`, 1, /line 1: a quote is opened and never closed/],
])("firmware keys import: %s", async (_what, text, code, words) => {
  const { take, left } = await site();
  const ran = await take(text);
  expect([ran.code, `${ran.out}${ran.err}`]).toEqual([code, expect.stringMatching(words)]);
  expect(left()).not.toContain(CANARY);
});

test("firmware keys import: never over a broker, where nobody proves whose key it is sealed to", async () => {
  const { cli, file, take } = await site();
  await take(`${ONE},${CANARY}\n`, "--dry-run");
  const ran = await cli("import", file, "--broker", "mqtt://127.0.0.1:1", "--site", "contoso-zh", "--key", file);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("on the agent's own machine only")]);
});

test("firmware keys list: nothing kept says how to begin; what another key of the agent sealed is lost, and says so", async () => {
  const { store, cli } = await site();
  const none = await cli("list");
  expect(none.err).toMatch(
    /No key code is kept[\s\S]*3 devices without a key code[\s\S]*Phone 3 \(RealPresence Group 500, serial not known\)/,
  );
  store.keyCodes.save({ serial: ONE, release: 6, sealed: Buffer.from("of another key"), atMs: T0, actor: "doe", file: "old.csv" });
  const lost = await cli("list");
  expect(lost.out).toMatch(/8213AAAABBCCCV +6\.x +lost/);
  expect(lost.err).toContain("Restore its agent-key.json");
});

test("firmware.keysImport: a parcel for another agent, or another file, is not opened and takes nothing in", async () => {
  const { store, keys } = await site();
  const verbs = keyVerbs({ store, keys, nowMs: () => T0 });
  const outcome = await verbs["firmware.keysImport"](
    { file: "keys.csv", parcel: { from: keys.receiver.publicKey, sealed: "AAAA" }, dryRun: false },
    { person: "doe", name: "Doe", role: "technician", kid: "k" },
    new AbortController().signal,
  );
  expect(outcome).toMatchObject({ ok: false, code: "faulted", message: expect.stringContaining("cannot be opened") });
  expect(store.keyCodes.list()).toEqual([]);
});

import { beforeAll, expect, test } from "vitest";
import { type RosterText, signRoster } from "../../../agent/commands/roster.ts";
import { createRosterKeeper, type RosterKeeperIo } from "../../../agent/commands/roster-keeper.ts";
import { type Log, SILENT } from "../../../agent/log.ts";
import { DAY, isoOf, type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { storeIn, temporaryFolder } from "../../store/temporary.ts";
import { type Keys, makeKeys, NOW, rosterText, SITE } from "./kit.ts";

let keys: Keys;
beforeAll(async () => {
  keys = await makeKeys();
});
const signed = (change: Partial<RosterText> = {}): string => signRoster(rosterText(keys, change), keys.roots.slice(0, 2));

interface Bench {
  readonly io: RosterKeeperIo;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly lines: string[];
  readonly file: { text: string | undefined };
}
function bench(changes: Partial<RosterKeeperIo> = {}): Bench {
  const store = storeIn(temporaryFolder());
  const clock = manualClock(NOW);
  const lines: string[] = [];
  const file: Bench["file"] = { text: undefined };
  const log: Log = { ...SILENT, warn: (what) => void lines.push(what), error: (what) => void lines.push(what) };
  const io: RosterKeeperIo = { store, site: SITE, roots: keys.roots, readFile: async () => file.text, clock, log, ...changes };
  return { io, store, clock, lines, file };
}

test("roster keeper: without roots or without a file it says what is missing", async () => {
  expect((await createRosterKeeper(bench({ roots: [] }).io)).trouble).toContain("no root keys");
  const { io } = bench();
  const keeper = await createRosterKeeper(io);
  await keeper.refresh();
  expect(keeper).toMatchObject({ roster: undefined, trouble: "no roster is installed" });
});

test("roster keeper: takes the file, keeps it, and audits that once", async () => {
  const { io, store, file } = bench();
  const keeper = await createRosterKeeper(io);
  file.text = signed();
  await keeper.refresh();
  await keeper.refresh();
  expect(keeper).toMatchObject({ roster: { version: 1 }, trouble: undefined });
  expect(store.roster.newest()?.document).toBe(file.text);
  expect(store.audit.list({ limit: 10 })).toMatchObject([
    { actor: "agent", action: "roster.taken", subject: "version 1", detail: { people: 3 } },
  ]);
});

test("roster keeper: the same roster in another spelling is taken silently", async () => {
  const { io, store, file } = bench();
  const keeper = await createRosterKeeper(io);
  file.text = signed();
  await keeper.refresh();
  file.text = JSON.stringify(JSON.parse(file.text), undefined, 2);
  await keeper.refresh();
  expect(keeper.trouble).toBeUndefined();
  expect(store.audit.list({ limit: 10 })).toHaveLength(1);
});

test("roster keeper: after a restart the stored roster stands, without the file", async () => {
  const { io, file } = bench();
  file.text = signed({ version: 4 });
  await (await createRosterKeeper(io)).refresh();
  file.text = undefined;
  expect(await createRosterKeeper(io)).toMatchObject({ roster: { version: 4 }, trouble: undefined });
});

test("roster keeper: a stored roster that ran out since still names its people", async () => {
  const { io, file, clock } = bench();
  file.text = signed();
  await (await createRosterKeeper(io)).refresh();
  await clock.advance(70 * DAY);
  expect((await createRosterKeeper(io)).roster?.version).toBe(1);
});

test("roster keeper: an older, a forked or a damaged file changes nothing and is told", async () => {
  const { io, file, lines } = bench();
  const keeper = await createRosterKeeper(io);
  file.text = signed({ version: 5 });
  await keeper.refresh();
  for (const text of [signed({ version: 4 }), signed({ version: 5, sites: "*" }), "{}"]) {
    file.text = text;
    await keeper.refresh();
    expect(keeper.roster?.version).toBe(5);
    expect(keeper.trouble).toContain("refused");
  }
  expect(lines).toHaveLength(3);
  // Told once, not at every look.
  await keeper.refresh();
  expect(lines).toHaveLength(3);
  file.text = signed({ version: 6 });
  await keeper.refresh();
  expect(keeper).toMatchObject({ roster: { version: 6 }, trouble: undefined });
});

test("roster keeper: other roots than those that signed: the stored roster is not used", async () => {
  const { io, file, lines } = bench();
  file.text = signed();
  await (await createRosterKeeper(io)).refresh();
  const others = await makeKeys();
  const keeper = await createRosterKeeper({ ...io, roots: others.roots });
  expect(keeper.roster).toBeUndefined();
  expect(keeper.trouble).toBeDefined();
  expect(lines).toHaveLength(1);
});

test("roster keeper: a roster issued in the future is taken once its time has come", async () => {
  const { io, file, clock, lines } = bench();
  const keeper = await createRosterKeeper(io);
  file.text = signed({ issuedAt: isoOf(NOW + DAY), expiresAt: isoOf(NOW + 60 * DAY) });
  await keeper.refresh();
  await keeper.refresh();
  expect(keeper.roster).toBeUndefined();
  expect(lines).toHaveLength(1);
  await clock.advance(2 * DAY);
  await keeper.refresh();
  expect(keeper.roster?.version).toBe(1);
});

test("roster keeper: a file of any size is looked at within bounds, and one too large is told", async () => {
  const { io, file } = bench();
  const keeper = await createRosterKeeper(io);
  file.text = "x".repeat(600_000);
  await keeper.refresh();
  expect(keeper.roster).toBeUndefined();
  expect(keeper.trouble).toContain("refused");
});

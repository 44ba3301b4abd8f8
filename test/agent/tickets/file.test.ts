import { expect, test } from "vitest";
import { endOfDocument, generationFor, REOPEN_WINDOW_MS } from "../../../agent/tickets/file.ts";
import { ticketKey } from "../../../agent/tickets/key.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { bench, fact, recovered } from "./kit.ts";

const three = [fact(1), fact(2), fact(3)];

test("fileFailures(): one ticket for each trouble; doing it again changes nothing", () => {
  const { store, file } = bench();
  expect(file([fact(1), fact(2)])).toHaveLength(2);
  const rows = store.tickets.list();
  expect(rows.map(({ state, version, devices }) => [state, version, devices])).toEqual([
    ["open", 1, expect.any(Array)],
    ["open", 1, expect.any(Array)],
  ]);
  expect(file([fact(2), fact(1)])).toEqual([]);
  expect(store.tickets.list()).toEqual(rows);
});

test("fileFailures(): what is written with a failure that is undone is undone with it", () => {
  const { store, file } = bench();
  expect(() =>
    store.transaction(() => {
      file([fact(1)]);
      throw new Error("power");
    }),
  ).toThrow("power");
  expect(store.tickets.list()).toEqual([]);
});

test("fileFailures(): at the third like failure the device tickets end in the cause's", () => {
  const { store, file } = bench();
  file([fact(1), fact(2)]);
  const changed = file(three);
  expect(changed).toHaveLength(3);
  const [one] = store.tickets.list({ state: "open" });
  const closing = store.tickets.list({ state: "closing" });
  expect(closing).toHaveLength(2);
  for (const { doc } of closing)
    expect(endOfDocument(doc)).toMatchObject({ how: "merged", into: ticketKey(one?.key ?? "", one?.generation ?? 0) });
});

test("fileFailures(): a recovery closes with its evidence; trouble nobody wrote down is not closed", () => {
  const { store, file } = bench();
  file([fact(1)]);
  expect(file([fact(1, recovered(T0 + MINUTE)), fact(2, recovered(T0 + MINUTE))])).toHaveLength(1);
  expect(store.tickets.list()).toHaveLength(1);
  const [row] = store.tickets.list();
  expect(row?.state).toBe("closing");
  expect(endOfDocument(row?.doc ?? {})).toEqual({ how: "recovered", proof: `read:${T0 + MINUTE}`, atMs: T0 + MINUTE });
});

/** A device's ticket, created, then closed at the desk, with the recovery at `T0 + 1 min`. */
async function closed() {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(MINUTE);
  made.file([fact(1, recovered(T0 + MINUTE))]);
  await made.pass(MINUTE);
  expect(made.row().state).toBe("closed");
  return made;
}

test("fileFailures(): T7 broken again within the reopen window is the same ticket, open again", async () => {
  const made = await closed();
  await made.clock.advance(REOPEN_WINDOW_MS - 10 * MINUTE);
  made.file([fact(1, { sinceMs: made.clock.nowMs() })]);
  expect(made.store.tickets.list()).toHaveLength(1);
  expect(made.row()).toMatchObject({ generation: 1, state: "open" });
});

test("fileFailures(): T7 broken again after the window is the next generation, once", async () => {
  const made = await closed();
  await made.clock.advance(REOPEN_WINDOW_MS);
  const again = fact(1, { sinceMs: made.clock.nowMs() });
  made.file([again]);
  made.file([again]);
  expect(made.store.tickets.list().map(({ generation, state }) => [generation, state])).toEqual([
    [1, "closed"],
    [2, "open"],
  ]);
});

test("generationFor(): goes up only when the old ticket is closed at the desk", async () => {
  const made = bench();
  made.file([fact(1)]);
  await made.pass(MINUTE);
  made.file([fact(1, recovered(T0 + MINUTE))]);
  // The desk never heard of the end: it still shows the old ticket as open.
  await made.clock.advance(2 * REOPEN_WINDOW_MS);
  expect(made.row().state).toBe("closing");
  expect(generationFor(made.row(), made.clock.nowMs())).toBe(1);
  made.file([fact(1, { sinceMs: made.clock.nowMs() })]);
  await made.pass(MINUTE);
  expect(made.desk.tickets).toHaveLength(1);
  expect(made.desk.tickets[0]?.state).toBe("open");
});

test("generationFor(): the first ticket is the first generation", () => {
  expect(generationFor(undefined, T0)).toBe(1);
});

test("fileFailures(): a ticket belongs to the campaign of its own failure, not to another of the same device", () => {
  const { store, file } = bench();
  file([fact(1, { campaign: "c-first" as CampaignId, cause: "lost" }), fact(1, { campaign: "c-second" as CampaignId })]);
  const rows = store.tickets.list().map(({ campaign, doc }) => [campaign, doc["campaigns"]]);
  expect(rows).toHaveLength(2);
  for (const [campaign, told] of rows) expect(told).toEqual([campaign]);
});

test("fileFailures(): its devices are those of the trouble", () => {
  const { store, file } = bench();
  file(three);
  expect(store.tickets.list()[0]?.devices).toEqual([1, 2, 3].map(deviceId));
});

test("endOfDocument(): no end, or one that is none, is open", () => {
  for (const doc of [{}, { end: null }, { end: { how: "wontFix" } }, { end: { how: "recovered", atMs: 1 } }])
    expect(endOfDocument(doc)).toBeUndefined();
});

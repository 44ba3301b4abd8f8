import fc from "fast-check";
import { expect, test } from "vitest";
import type { CampaignId } from "../../protocols/core/ids.ts";
import type { TicketDelivery, TicketDraft, TicketOutcome, Tickets } from "../../store/tickets.ts";
import { CAMPAIGN, device, deviceId, T0, temporaryStore } from "./temporary.ts";

const ID = { key: "abc", generation: 1 };

function draft(changes: Partial<TicketDraft> = {}): TicketDraft {
  return { ...ID, campaign: CAMPAIGN, doc: { title: "lost" }, state: "open", devices: [deviceId(1)], atMs: T0, ...changes };
}

function delivery(version: number, kind: TicketOutcome["kind"], changes: Partial<TicketDelivery> = {}): TicketDelivery {
  return { ...ID, version, outcome: { kind, atMs: T0 + 10 }, ...changes };
}

function tickets(): Tickets {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  return store.tickets;
}

const keys = (rows: readonly { readonly key: string }[]): string[] => rows.map(({ key }) => key);

test("saveDoc(): a new ticket is version 1, undelivered and due at once", () => {
  const table = tickets();
  expect(table.saveDoc(draft())).toEqual({
    ...ID,
    campaign: CAMPAIGN,
    version: 1,
    deliveredVersion: 0,
    doc: { title: "lost" },
    state: "open",
    createdAtMs: T0,
    nextTryMs: T0,
    tries: 0,
    devices: [deviceId(1)],
  });
  expect([keys(table.due(T0)), keys(table.due(T0 - 1)), keys(table.undelivered())]).toEqual([["abc"], [], ["abc"]]);
});

test("saveDoc(): the same document, state and devices in any order are no new version", () => {
  const table = tickets();
  table.saveDoc(draft({ devices: [deviceId(1), deviceId(2)] }));
  const again = table.saveDoc(draft({ devices: [deviceId(2), deviceId(1), deviceId(2)], atMs: T0 + 9 }));
  expect([again.version, again.nextTryMs]).toEqual([1, T0]);
});

test.each([
  ["document", { doc: { title: "found" } }],
  ["state", { state: "closing" }],
  ["devices", { devices: [deviceId(2)] }],
] as const)("saveDoc(): another %s is a new version", (_what, changes) => {
  const table = tickets();
  table.saveDoc(draft());
  expect(table.saveDoc(draft(changes))).toMatchObject({ version: 2, ...changes });
});

test("saveDoc(): a running wait that the desk asked for goes on, after a refusal the new document is due at once", () => {
  const table = tickets();
  table.saveDoc(draft());
  table.noteOutcome(delivery(1, "later", { nextTryMs: T0 + 900 }));
  expect(table.saveDoc(draft({ doc: { title: "2" }, atMs: T0 + 20 })).nextTryMs).toBe(T0 + 900);
  table.noteOutcome(delivery(2, "refused"));
  expect(table.due(T0 + 9_999)).toEqual([]);
  expect(table.saveDoc(draft({ doc: { title: "3" }, atMs: T0 + 30 })).nextTryMs).toBe(T0 + 30);
});

test("saveDoc(): a generation is a ticket of its own, and the newest is the one that is loaded", () => {
  const table = tickets();
  table.saveDoc(draft());
  table.saveDoc(draft({ generation: 2, doc: { title: "again" } }));
  expect([table.load("abc")?.generation, table.load("abc", 1)?.doc, table.load("none")]).toEqual([2, { title: "lost" }, undefined]);
});

test("noteOutcome(): done delivers that version and keeps what the desk calls it", () => {
  const table = tickets();
  table.saveDoc(draft());
  const row = table.noteOutcome(delivery(1, "done", { remoteId: "INC1", remoteUrl: "https://desk.example/1" }));
  expect(row).toMatchObject({ deliveredVersion: 1, tries: 0, remoteId: "INC1", remoteUrl: "https://desk.example/1" });
  expect([table.due(T0 + 99), table.undelivered()]).toEqual([[], []]);
  expect(table.noteOutcome(delivery(1, "done"))?.remoteId).toBe("INC1");
});

test("noteOutcome(): done to an older version leaves the newer one due", () => {
  const table = tickets();
  table.saveDoc(draft());
  table.saveDoc(draft({ doc: { title: "2" } }));
  expect(table.noteOutcome(delivery(1, "done"))).toMatchObject({ deliveredVersion: 1, version: 2 });
  expect(keys(table.due(T0 + 10))).toEqual(["abc"]);
});

test.each(["later", "unknown"] as const)("noteOutcome(): %s waits until its time and counts the try", (kind) => {
  const table = tickets();
  table.saveDoc(draft());
  expect(table.noteOutcome(delivery(1, kind, { nextTryMs: T0 + 500 }))).toMatchObject({ deliveredVersion: 0, tries: 1 });
  expect([keys(table.due(T0 + 499)), keys(table.due(T0 + 500))]).toEqual([[], ["abc"]]);
});

test("noteOutcome(): refused is tried no more, and stays in the list of what the desk does not have", () => {
  const table = tickets();
  table.saveDoc(draft());
  expect(table.noteOutcome(delivery(1, "refused"))).not.toHaveProperty("nextTryMs");
  expect([table.due(T0 + 1e9), keys(table.undelivered())]).toEqual([[], ["abc"]]);
});

test("noteOutcome(): a refusal of an older version does not stop the newer one", () => {
  const table = tickets();
  table.saveDoc(draft());
  table.saveDoc(draft({ doc: { title: "2" } }));
  table.noteOutcome(delivery(1, "refused"));
  expect(keys(table.due(T0 + 10))).toEqual(["abc"]);
});

test("noteOutcome(): a closing ticket closes with its last version only", () => {
  const table = tickets();
  table.saveDoc(draft());
  table.saveDoc(draft({ state: "closing" }));
  expect(table.noteOutcome(delivery(1, "done"))?.state).toBe("closing");
  expect(table.noteOutcome(delivery(2, "done"))?.state).toBe("closed");
});

test("noteOutcome(): an unknown ticket is nobody's", () => {
  expect(tickets().noteOutcome(delivery(1, "done"))).toBeUndefined();
});

test("noteOutcome(): answers in any order and number never lower the delivered version", () => {
  const table = tickets();
  for (let version = 1; version <= 4; version++) table.saveDoc(draft({ doc: { version } }));
  const kinds = fc.constantFrom("done", "refused", "later", "unknown");
  let highest = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), kinds, (version, kind) => {
      const row = table.noteOutcome(delivery(version, kind, { nextTryMs: T0 + 99 }));
      if (kind === "done") highest = Math.max(highest, version);
      expect(row?.deliveredVersion).toBe(highest);
    }),
    { numRuns: 60 },
  );
});

test("due(): oldest first, bounded", () => {
  const table = tickets();
  for (const [key, atMs] of [
    ["c", T0 + 2],
    ["a", T0 + 3],
    ["b", T0 + 1],
  ] as const)
    table.saveDoc(draft({ key, atMs }));
  expect([keys(table.due(T0 + 9)), keys(table.due(T0 + 9, 2))]).toEqual([
    ["b", "c", "a"],
    ["b", "c"],
  ]);
});

test("list(): by state and campaign, oldest first", () => {
  const table = tickets();
  table.saveDoc(draft({ key: "b", atMs: T0 + 1 }));
  table.saveDoc(draft({ key: "a", atMs: T0 + 2, state: "closing" }));
  expect([keys(table.list()), keys(table.list({ state: "closing" })), table.list({ campaign: "c-x" as CampaignId })]).toEqual([
    ["b", "a"],
    ["a"],
    [],
  ]);
});

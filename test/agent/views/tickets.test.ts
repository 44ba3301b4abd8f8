import { expect, test } from "vitest";
import { failureDocument, stormDocument } from "../../../agent/tickets/document.ts";
import { listAudit, listTickets, showTicket, viewTicket } from "../../../agent/views/tickets.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import type { TicketDraft } from "../../../store/tickets.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";

const document = failureDocument("device", "zug-01", [
  {
    campaign: "c-test" as CampaignId,
    device: deviceId(1),
    name: "Reception",
    model: "VVX 411",
    from: "6.4.6.2327",
    to: "6.4.8.0456",
    cause: "fellBack",
    fault: "expected 6.4.8.0456, found 6.4.6.2327",
    sinceMs: T0,
    timeline: [],
    readingsBefore: {},
    readingsAfter: {},
  },
]);
const draft = (changes: Partial<TicketDraft> = {}): TicketDraft => ({
  key: "MFRGGZDF",
  generation: 1,
  doc: document,
  state: "open",
  devices: [deviceId(1)],
  atMs: T0,
  ...changes,
});

function filled() {
  const store = temporaryStore();
  store.devices.save(device(1));
  store.tickets.saveDoc(draft());
  store.tickets.saveDoc(
    draft({ key: "ONXW2ZJA", doc: stormDocument("zug-01", [{ key: "k", title: "t" }], T0), devices: [], state: "closed" }),
  );
  return store;
}

test("viewTicket(): title, severity and queue are those of the document", () => {
  const row = filled().tickets.load("MFRGGZDF");
  if (row === undefined) throw new Error("no ticket");
  expect(viewTicket(row)).toEqual({
    key: "MFRGGZDF.g1",
    title: "Reception (VVX 411) fell back to its old version: 6.4.6.2327 → 6.4.8.0456",
    severity: 2,
    queue: "vendor",
    state: "open",
    devices: [deviceId(1)],
    created: "2026-11-22T20:00:00.000Z",
    version: 1,
    deliveredVersion: 0,
  });
  // A document of another version shows what it has.
  expect(viewTicket({ ...row, doc: { title: 7, severity: "high", cause: "?" } })).toMatchObject({ title: "", severity: 0, queue: "" });
});

test("listTickets(): open, closed or all", () => {
  const store = filled();
  const keys = (which: "open" | "closed" | "all"): string[] => listTickets(which, store).tickets.map(({ key }) => key);
  expect([keys("open"), keys("closed"), keys("all")]).toEqual([["MFRGGZDF.g1"], ["ONXW2ZJA.g1"], ["MFRGGZDF.g1", "ONXW2ZJA.g1"]]);
});

test("showTicket(): the newest generation, or the one asked for, with its document", () => {
  const store = filled();
  store.tickets.saveDoc(draft({ generation: 2 }));
  expect(showTicket("MFRGGZDF", store)).toMatchObject({ schema: "groundswell.ticket/1", key: "MFRGGZDF.g2", document });
  expect(showTicket("MFRGGZDF.g1", store)?.key).toBe("MFRGGZDF.g1");
  for (const key of ["NOBODY", "MFRGGZDF.g3", "MFRGGZDF.gx", ""]) expect(showTicket(key, store)).toBeUndefined();
});

test("listAudit(): the newest after that number, oldest first", () => {
  const store = temporaryStore();
  for (let i = 1; i <= 5; i++) store.audit.append({ atMs: T0 + i, actor: "agent", action: `a${i}`, subject: "s", detail: {} });
  const seen = (after: number, limit: number): string[] => listAudit({ after, limit }, store).entries.map(({ action }) => action);
  expect(seen(0, 10)).toEqual(["a1", "a2", "a3", "a4", "a5"]);
  expect(seen(3, 10)).toEqual(["a4", "a5"]);
  expect(seen(0, 2)).toEqual(["a4", "a5"]);
});

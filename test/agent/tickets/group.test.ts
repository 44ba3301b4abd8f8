import fc from "fast-check";
import { expect, test } from "vitest";
import type { FailureFact } from "../../../agent/tickets/document.ts";
import { type WantedTicket, wantedTickets } from "../../../agent/tickets/group.ts";
import type { TicketBase } from "../../../agent/tickets/key.ts";
import type { CampaignId, SiteId } from "../../../protocols/core/ids.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { fact, recovered, SITE } from "./kit.ts";

function wanted(facts: readonly FailureFact[], open: readonly TicketBase[] = [], site: SiteId = SITE): readonly WantedTicket[] {
  return wantedTickets({ environment: "production", site, facts, groupAt: 3, isOpen: (base) => open.includes(base) });
}
const bases = (tickets: readonly WantedTicket[]): TicketBase[] => tickets.map(({ base }) => base);
const three = [fact(1), fact(2), fact(3)];

test("wantedTickets(): until three like failures each device has its own", () => {
  const tickets = wanted([fact(1), fact(2)]);
  expect(tickets.map(({ devices }) => devices)).toEqual([[deviceId(1)], [deviceId(2)]]);
  expect(tickets.map(({ document }) => document(undefined).kind)).toEqual(["device", "device"]);
});

test("wantedTickets(): from three on they are one, with all devices in it", () => {
  const tickets = wanted(three);
  expect(tickets).toHaveLength(1);
  expect(tickets[0]?.devices).toEqual([1, 2, 3].map(deviceId));
  expect(tickets[0]?.document(undefined)).toMatchObject({ kind: "cause", deviceCount: 3 });
});

test("wantedTickets(): the site says how many like failures are one trouble", () => {
  const as = (groupAt: number) => wantedTickets({ environment: "production", site: SITE, facts: three, groupAt, isOpen: () => false });
  expect(as(2)).toHaveLength(1);
  expect(as(4)).toHaveLength(3);
});

test.each<[string, Partial<FailureFact>]>([
  ["model", { model: "VVX 601" }],
  ["old version", { from: "6.4.5.1" }],
  ["new version", { to: "6.4.9.1" }],
  ["cause", { cause: "lost" }],
])("wantedTickets(): another %s is no like failure", (_name, change) => {
  expect(wanted([fact(1), fact(2), fact(3, change)])).toHaveLength(3);
});

test("wantedTickets(): T10 two sites with the same names and failures never share a ticket", () => {
  const here = bases(wanted(three));
  const there = bases(wanted(three, [], "zug-02" as SiteId));
  expect(there.filter((base) => here.includes(base))).toEqual([]);
});

test("wantedTickets(): T6 ten thousand failures with one cause are one ticket", () => {
  const storm = Array.from({ length: 10_000 }, (_, at) => fact(at + 1));
  const tickets = wanted(storm);
  expect(tickets).toHaveLength(1);
  expect(tickets[0]?.document(undefined).deviceCount).toBe(10_000);
});

test("wantedTickets(): open tickets of single devices are closed with a pointer, after the one they point to", () => {
  const own = bases(wanted([fact(1), fact(2)]));
  const tickets = wanted(three, own);
  const [cause, ...pointers] = tickets;
  expect(cause?.end).toBeUndefined();
  expect(pointers.map(({ base }) => base).sort()).toEqual([...own].sort());
  for (const { end } of pointers) expect(end).toEqual({ how: "merged", into: cause?.base });
});

test("wantedTickets(): once one, it stays one, even when fewer than three are left", () => {
  const [cause] = bases(wanted(three));
  if (cause === undefined) throw new Error("no ticket");
  expect(bases(wanted([fact(1)], [cause]))).toEqual([cause]);
});

test("wantedTickets(): a cause is over when its last device is, with that one's evidence", () => {
  const two = [fact(1, recovered(T0 + 10)), fact(2, recovered(T0 + 30)), fact(3)];
  expect(wanted(two)[0]?.end).toBeUndefined();
  const all = [...two.slice(0, 2), fact(3, recovered(T0 + 20))];
  expect(wanted(all)[0]?.end).toEqual({ how: "recovered", proof: `read:${T0 + 30}`, atMs: T0 + 30 });
});

test("wantedTickets(): a device that failed alike in two campaigns is one trouble, told by the later", () => {
  const later = fact(1, { campaign: "c-next" as CampaignId, sinceMs: T0 + 5_000 });
  for (const facts of [
    [fact(1), later],
    [later, fact(1)],
  ]) {
    const tickets = wanted(facts);
    expect(tickets).toHaveLength(1);
    expect(tickets[0]?.document(undefined).campaigns).toEqual(["c-next"]);
  }
});

test("wantedTickets(): the order in which failures arrive changes nothing", () => {
  const facts = [fact(1), fact(2), fact(3), fact(4, { cause: "lost" }), fact(5, { cause: "lost" }), fact(6, { model: "VVX 601" })];
  const said = (list: readonly FailureFact[]) =>
    new Map(wanted(list).map(({ base, devices, document }) => [base, [devices, document(undefined)]]));
  fc.assert(
    fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
      expect(said(shuffled)).toEqual(said(facts));
    }),
  );
});

test("wantedTickets(): every device that failed is in exactly one ticket that is not closed (T14)", () => {
  const some = fc.record({ number: fc.integer({ min: 1, max: 12 }), model: fc.constantFrom("VVX 411", "VVX 601") });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 30 }), (list) => {
      const facts = list.map(({ number, model }) => fact(number, { model: `${model} ${number % 2}` }));
      const open = wanted(facts).filter(({ end }) => end === undefined);
      const named = open.flatMap(({ devices, document }) => devices.map((one) => `${one} ${document(undefined).devices[0]?.model}`));
      expect(named.sort()).toEqual([...new Set(facts.map(({ device, model }) => `${device} ${model}`))].sort());
    }),
  );
});

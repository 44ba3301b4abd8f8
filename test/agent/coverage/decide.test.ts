import fc from "fast-check";
import { expect, test } from "vitest";
import { coverageOf, listsOf, needsContract } from "../../../agent/coverage/decide.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import type { Entitlement } from "../../../store/entitlements.ts";

const MAC = "64167f000001" as Mac;
const DEVICE = { mac: MAC, serial: "8L2016479A8BD3" };
const TODAY = Temporal.PlainDate.from("2026-11-22");
const inDays = (days: number): string => TODAY.add({ days }).toString();

let count = 0;
const one = (changes: Partial<Entitlement> = {}): Entitlement => ({ source: "csv", key: `k${count++}`, serial: DEVICE.serial, ...changes });
const decide = (list: readonly Entitlement[], device: object = DEVICE) => coverageOf(device, listsOf(list, true), TODAY);

test.each([
  ["its last day is far away", 91, "covered", undefined],
  ["90 days are left", 90, "expiring", 90],
  ["61 days are left", 61, "expiring", 90],
  ["60 days are left", 60, "expiring", 60],
  ["30 days are left", 30, "expiring", 30],
  ["it is the last day", 0, "expiring", 30],
  ["its last day was yesterday", -1, "lapsed", undefined],
])("coverageOf(): %s", (_name, days, state, within) => {
  const decided = decide([one({ until: inDays(days) })]);
  expect([decided.state, decided.within, decided.until]).toEqual([state, within, inDays(days)]);
});

test("coverageOf(): nothing is said before a list was taken in, nor of a device without serial and MAC", () => {
  expect(coverageOf(DEVICE, listsOf([], false), TODAY)).toMatchObject({ state: "unknown", why: expect.stringContaining("no list") });
  expect(decide([one()], {})).toMatchObject({ state: "unknown", why: expect.stringContaining("neither serial") });
});

test("coverageOf(): not on the list is not covered, and so is a contract that has yet to begin", () => {
  expect(decide([one({ serial: "OTHER" })])).toEqual({ state: "notCovered", why: "no list names it" });
  expect(decide([one({ from: inDays(3), until: inDays(400) })])).toMatchObject({
    state: "notCovered",
    why: `its contract begins on ${inDays(3)}`,
  });
});

test("coverageOf(): ended by its list's word it is lapsed whatever its days say", () => {
  expect(decide([one({ ended: true, until: inDays(400) })]).state).toBe("lapsed");
  expect(decide([one({ ended: true })])).toMatchObject({ state: "lapsed", why: "its list says that it has ended" });
});

test("coverageOf(): a renewal that follows at once carries it on, one after a gap does not", () => {
  const running = one({ until: inDays(10) });
  expect(decide([one({ from: inDays(11), until: inDays(375) }), running])).toMatchObject({ state: "covered", until: inDays(375) });
  expect(decide([one({ from: inDays(12), until: inDays(375) }), running])).toMatchObject({ state: "expiring", until: inDays(10) });
});

test.each([
  ["another spelling of its serial", { serial: " 8l2016479a8bd3 " }, "covered"],
  ["its MAC as serial", { serial: "64:16:7F:00:00:01" }, "covered"],
  ["its MAC alone", { serial: undefined, mac: MAC }, "covered"],
  ["its MAC, and the serial of another unit", { serial: "8L2016479A8BD4", mac: MAC }, "notCovered"],
  ["its serial, and a MAC of another port", { mac: "64167f0000ff" as Mac }, "covered"],
  ["a stock that is nobody's", { serial: undefined, model: "VVX 450", quantity: 9 }, "notCovered"],
])("coverageOf(): %s", (_name, changes, state) => {
  const { serial, ...rest } = { ...one(), ...changes };
  expect(decide([{ ...rest, ...(serial === undefined ? {} : { serial }) }]).state).toBe(state);
});

test("coverageOf(): a phone known by its MAC has it as its serial, so a list's serial of another kind decides nothing", () => {
  expect(decide([one({ serial: "PO-1", mac: MAC })], { mac: MAC, serial: MAC }).state).toBe("covered");
});

test("coverageOf(): a video system known by its MAC alone is found by the MAC inside a listed serial number, one that was read is not", () => {
  const mac = "00e0db039e98" as Mac;
  const list = [one({ serial: "8L21B7039E98FE" })];
  expect(decide(list, { mac }).state).toBe("covered");
  expect(decide(list, { mac, serial: "8L21B7039E98FF" }).state).toBe("notCovered");
  expect(decide(list, { mac: "00e0db039e99" as Mac }).state).toBe("notCovered");
});

const day = fc.integer({ min: -200, max: 400 }).map(inDays);
const anyEntitlement = fc
  .record(
    {
      source: fc.constantFrom("csv" as const, "lens" as const, "portal" as const),
      key: fc.uuid(),
      serial: fc.constantFrom(DEVICE.serial, DEVICE.serial, "OTHER"),
      mac: fc.constantFrom(MAC, "64167f0000ff" as Mac),
      from: day,
      until: day,
      ended: fc.boolean(),
    },
    { requiredKeys: ["source", "key"] },
  )
  .map((made) => made as Entitlement);
const anyList = fc.array(anyEntitlement, { maxLength: 8 });
/** From worst to best; how long it holds comes after. */
const ORDER = ["notCovered", "lapsed", "expiring", "covered"];
const worth = (list: readonly Entitlement[]): readonly [number, string] => {
  const { state, until } = decide(list);
  return [ORDER.indexOf(state), state === "expiring" || state === "covered" ? (until ?? "9999") : ""];
};

test("coverageOf(): the order of the lists does not matter", () => {
  fc.assert(
    fc.property(anyList, fc.integer(), (list, seed) => {
      const turned = list.map((entry, at) => [(at * 7919 + seed) % 13, entry] as const).toSorted((a, b) => a[0] - b[0]);
      expect(decide(turned.map(([, entry]) => entry))).toEqual(decide(list));
    }),
  );
});

test("coverageOf(): one entitlement more never makes it worse", () => {
  fc.assert(
    fc.property(anyList, anyEntitlement, (list, more) => {
      const [before, beforeEnd] = worth(list);
      const [after, afterEnd] = worth([...list, more]);
      expect(after > before || (after === before && afterEnd >= beforeEnd)).toBe(true);
    }),
  );
});

test("coverageOf(): covered or expiring exactly where an entitlement of its own holds today", () => {
  fc.assert(
    fc.property(anyList, (list) => {
      const today = TODAY.toString();
      const own = (entry: Entitlement): boolean => entry.serial === DEVICE.serial || (entry.mac === MAC && entry.serial === undefined);
      const holds = list.some(
        (entry) => own(entry) && entry.ended !== true && (entry.from ?? today) <= today && (entry.until ?? today) >= today,
      );
      expect(["covered", "expiring"].includes(decide(list).state)).toBe(holds);
    }),
  );
});

test("coverageOf(): a contract cut in two on any day decides the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 150 }), fc.integer({ min: 0, max: 300 }), (start, length) => {
      const cutAt = start + Math.floor(length / 2);
      const whole = decide([one({ from: inDays(start), until: inDays(start + length) })]);
      const halves = decide([
        one({ from: inDays(start), until: inDays(cutAt) }),
        one({ from: inDays(cutAt + 1), until: inDays(start + length) }),
      ]);
      expect([halves.state, halves.state === "notCovered" ? undefined : halves.until]).toEqual([
        whole.state,
        whole.state === "notCovered" ? undefined : whole.until,
      ]);
    }),
  );
});

test.each([
  [{ family: "uc-phone" }, true],
  [{ family: "switch", vendor: "HP" }, false],
  [{ family: "generic-snmp", vendor: "Polycom" }, true],
  [{ family: "lens-only", vendor: "Plantronics" }, true],
  [{ family: "lens-only", vendor: "Logitech" }, false],
  [{ mac: MAC }, true],
  [{ mac: "00112233aabb" as Mac }, false],
  [{}, false],
] as const)("needsContract(): %j is %s", (device, needs) => {
  expect(needsContract(device)).toBe(needs);
});

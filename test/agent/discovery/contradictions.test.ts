import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AT_ONCE_MS,
  addressConflict,
  byTurns,
  type Claim,
  conflictWords,
  macConflict,
  pairsOf,
  serialConflict,
  serialSides,
  twoAddressConflict,
} from "../../../agent/discovery/contradictions.ts";
import type { Sighting, SightingSource } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import type { FactRow } from "../../../store/devices.ts";

const A = "d-64167f000001" as DeviceId;
const B = "d-64167f000002" as DeviceId;

function claim(value: string, atMs: number): Claim {
  return { value, side: { device: A, claims: value, source: "device", atMs, evidence: "" } };
}

const values = (claims: readonly Claim[]): readonly string[] => byTurns(claims).map(({ value }) => value);

test("byTurns(): one, another and the first again within the time", () => {
  expect(values([claim("a", 0), claim("b", 1), claim("a", 2)])).toEqual(["a", "b"]);
  expect(values([claim("a", 0), claim("a", 1), claim("b", 2), claim("b", 3)])).toEqual([]);
  expect(values([claim("a", 0), claim("b", 1), claim("a", AT_ONCE_MS + 1)])).toEqual([]);
  expect(values([claim("a", 0), claim("b", 0)])).toEqual([]);
});

const anyClaims = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 40 })), { maxLength: 14 });

test("byTurns(): in any order and however often the same", () => {
  fc.assert(
    fc.property(
      anyClaims.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length }))),
      ([told, shuffled]) => {
        const make = (list: readonly (readonly [string, number])[]): readonly Claim[] =>
          list.map(([value, at]) => claim(value, at * MINUTE));
        expect(byTurns(make(shuffled))).toEqual(byTurns(make(told)));
      },
    ),
  );
});

test("byTurns(): a lease that moved from one to the next is never a quarrel", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), (stays) => {
      let at = 0;
      const moved = stays.flatMap((count, holder) => Array.from({ length: count }, () => claim(`holder ${holder}`, at++)));
      expect(byTurns(moved)).toEqual([]);
    }),
  );
});

function seen(source: SightingSource, atMs: number, address: string, more: Partial<Sighting> = {}): Sighting {
  return { source, atMs, address, facts: {}, evidence: [{ via: "https", what: `at ${address}`, atMs }], ...more };
}

test("addressConflict(): two that are heard at one address by turns; what only remembers counts for nothing", () => {
  const story = (last: Sighting) => [
    { device: A, sighting: seen("device", 0, "10.0.0.1") },
    { device: B, sighting: seen("dhcp", 1, "10.0.0.1") },
    { device: A, sighting: last },
  ];
  expect(addressConflict("10.0.0.1", story(seen("tls", 2, "10.0.0.1")))).toMatchObject({
    kind: "address",
    value: "10.0.0.1",
    sides: [
      { device: A, source: "tls", atMs: 2, evidence: "https: at 10.0.0.1" },
      { device: B, source: "dhcp" },
    ],
  });
  for (const last of [seen("lldp", 2, "10.0.0.1"), seen("device", 2, "10.0.0.1", { heard: false }), seen("device", 2, "10.0.0.2")])
    expect(addressConflict("10.0.0.1", story(last))).toBeUndefined();
});

test("twoAddressConflict(): by turns at two addresses of one kind; IPv4 beside IPv6 is how it should be", () => {
  const told = [seen("device", 0, "10.0.0.1"), seen("device", 1, "10.0.0.2"), seen("device", 2, "10.0.0.1")];
  expect(twoAddressConflict(A, told)?.sides.map(({ claims }) => claims)).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(
    twoAddressConflict(A, [seen("device", 0, "10.0.0.1"), seen("device", 1, "fd00::1"), seen("device", 2, "10.0.0.1")]),
  ).toBeUndefined();
});

const fact = (source: SightingSource, value: string, field = "serial"): FactRow => ({
  device: A,
  field,
  source,
  value,
  rank: 1,
  atMs: 1,
  evidence: [],
});

test("macConflict(): two serials that differ by more than spelling; a serial that is the MAC is none", () => {
  const device = { id: A, mac: "64167f000001" };
  expect(
    macConflict(device, [fact("device", "8G-12"), fact("lens", "8g12"), fact("csv", "64167F000001"), fact("lldp", "x", "model")]),
  ).toBeUndefined();
  expect(macConflict(device, [fact("device", "8G12"), fact("lens", "8G13")])?.sides).toHaveLength(2);
});

test("serialConflict(), pairsOf(): one side each, every pair once", () => {
  const sides = [A, B].flatMap((id) => serialSides({ id }, [fact("device", "8G12")]));
  expect(serialConflict("8G12", sides)).toMatchObject({ kind: "serial", value: "8G12" });
  expect(serialConflict("8G12", sides.slice(1))).toBeUndefined();
  expect(pairsOf([...sides, ...sides])).toEqual([[A, B]]);
});

test("conflictWords(): every kind says who and what", () => {
  const sides = [
    { device: A, claims: "1", source: "device", atMs: 0, evidence: "" },
    { device: B, claims: "2", source: "device", atMs: 0, evidence: "" },
  ] as const;
  expect((["serial", "mac", "address", "twoAddresses"] as const).map((kind) => conflictWords({ kind, value: "V", sides }))).toEqual([
    `${A} and ${B} have one serial, V`,
    "V has two serials, 1 and 2",
    `${A} and ${B} are at V by turns`,
    "V is at 1 and 2 by turns",
  ]);
});

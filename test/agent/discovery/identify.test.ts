import fc from "fast-check";
import { expect, test } from "vitest";
import { believe, believed, factsOf, macOf, rankOf } from "../../../agent/discovery/identify.ts";
import type { DeviceFacts, ManagedBy, Sighting, SightingSource } from "../../../protocols/core/device.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";

const MAC = "64167faabbcc" as Mac;
const SERIAL = "8G1234ABCDEFXY";
const T0 = Date.UTC(2026, 10, 22, 20);

function sighting(facts: DeviceFacts, more: Partial<Sighting> = {}): Sighting {
  return { source: "device", atMs: T0, facts, evidence: [{ via: "https", what: "GET /info", atMs: T0 }], ...more };
}

const sources = ["device", "tls", "provisioning", "lldp", "cdp", "sip", "dhcp", "lens", "csv", "bridge"] as const;
const anySighting = fc
  .record({
    source: fc.constantFrom<SightingSource>(...sources),
    atMs: fc.integer({ min: T0, max: T0 + 5 }),
    address: fc.option(fc.constantFrom("127.0.5.1", "127.0.5.2"), { nil: undefined }),
    model: fc.option(fc.constantFrom("VVX 411", "VVX 601"), { nil: undefined }),
    running: fc.option(fc.constantFrom("6.4.6.2327", "5.9.7.3480"), { nil: undefined }),
    port: fc.option(fc.constantFrom("ge-0/0/1", "ge-0/0/2"), { nil: undefined }),
    managedBy: fc.option(fc.constantFrom<ManagedBy>("none", "lens", "teams", "unknown"), { nil: undefined }),
    later: fc.constantFrom(0, 8 * DAY),
  })
  .map(({ source, atMs, address, model, running, port, managedBy, later }) =>
    sighting(
      {
        mac: MAC,
        ...(model === undefined ? {} : { model }),
        ...(running === undefined ? {} : { running: { application: running } }),
        ...(managedBy === undefined ? {} : { managedBy }),
      },
      {
        source,
        atMs: atMs + later,
        ...(address === undefined ? {} : { address }),
        ...(port === undefined ? {} : { port: { switchAddress: "127.0.9.1", name: port } }),
      },
    ),
  );

const valuesOf = (sightings: readonly Sighting[]): Record<string, string> =>
  Object.fromEntries([...believe(sightings.flatMap(factsOf))].map(([field, { value }]): [string, string] => [field, value]).toSorted());

test("believe(): any order and any repetition of sightings gives the same facts", () => {
  const stories = fc
    .array(anySighting, { minLength: 1, maxLength: 12 })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.subarray(list)));
  fc.assert(
    fc.property(stories, ([told, shuffled, again]) => {
      expect(valuesOf([...again, ...shuffled, ...again])).toEqual(valuesOf(told));
    }),
  );
});

test("believed(): the higher source wins, then the newer, then the greater text", () => {
  const fact = (source: SightingSource, atMs: number, value: string) => ({ field: "model" as const, source, atMs, value, evidence: "" });
  expect(believed(fact("lldp", 9, "a"), fact("device", 1, "b")).value).toBe("b");
  expect(believed(fact("lldp", 9, "a"), fact("cdp", 1, "b")).value).toBe("a");
  expect(believed(fact("lldp", 1, "a"), fact("cdp", 1, "b")).value).toBe("b");
  expect(sources.map(rankOf)).toEqual(sources.map(rankOf).toSorted((a, b) => b - a));
});

test("believe(): an old address from a switch does not beat the device's own, a newer own one does", () => {
  const at = (source: SightingSource, atMs: number, address: string) => sighting({ mac: MAC }, { source, atMs, address });
  expect(valuesOf([at("device", T0, "127.0.5.1"), at("lldp", T0 + MINUTE, "127.0.5.9")])["address"]).toBe("127.0.5.1");
  expect(valuesOf([at("device", T0, "127.0.5.1"), at("sip", T0 + MINUTE, "127.0.5.2")])["address"]).toBe("127.0.5.2");
  expect(valuesOf([at("lldp", T0, "127.0.5.9")])["address"]).toBe("127.0.5.9");
});

test("believe(): a named manager is believed over a device that names nobody, and one over another by rank", () => {
  const by = (source: SightingSource, managedBy: ManagedBy, atMs = T0) => sighting({ managedBy }, { source, atMs });
  expect(valuesOf([by("device", "none"), by("lens", "lens")])).toEqual({ managedBy: "lens" });
  expect(valuesOf([by("device", "none", T0 + DAY), by("lens", "lens")])).toEqual({ managedBy: "lens" });
  expect(valuesOf([by("device", "teams"), by("lens", "lens")])).toEqual({ managedBy: "teams" });
  expect(valuesOf([by("device", "none"), by("lens", "unknown")])).toEqual({ managedBy: "none" });
  expect(valuesOf([by("lens", "unknown")])).toEqual({ managedBy: "unknown" });
});

test("believe(): a manager nobody has named for a week, while others speak, has let go", () => {
  const told = [sighting({ managedBy: "lens" }, { source: "lens" }), sighting({ managedBy: "none" }, { atMs: T0 + 7 * DAY + 1 })];
  expect(valuesOf(told)).toEqual({ managedBy: "none" });
  expect(valuesOf([told[0] as Sighting])).toEqual({ managedBy: "lens" });
});

test("factsOf(): blank values are no facts, long ones are cut, the evidence goes along", () => {
  const [model, ...others] = factsOf(sighting({ model: "x".repeat(300), name: "  " }));
  expect(others).toEqual([]);
  expect(model).toEqual({ field: "model", value: "x".repeat(200), source: "device", atMs: T0, evidence: "https: GET /info" });
});

test("macOf(): the stated MAC first, else the one in a video system's serial, never a phone's", () => {
  expect(macOf({ mac: MAC, family: "video-os", serial: SERIAL })).toBe(MAC);
  expect(macOf({ family: "video-os", serial: SERIAL })).toBe("00e0dbabcdef");
  expect(macOf({ family: "uc-phone", serial: SERIAL })).toBeUndefined();
});

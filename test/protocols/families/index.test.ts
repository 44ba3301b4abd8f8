/** Every family at once: what holds for the whole list. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FamilyId } from "../../../protocols/core/device.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { FirstLook } from "../../../protocols/families/family.ts";
import { families, familyOf } from "../../../protocols/families/index.ts";
import { recognise } from "../../../protocols/families/recognise.ts";

const AT_MS = 1_000;
const fingerprint = "ab".repeat(32);
const tls = (commonName: string, more: Partial<NonNullable<FirstLook["tls"]>> = {}): FirstLook => ({
  tls: { commonName, organisation: "Polycom Inc.", fingerprint, ...more },
});

/** What one typical device of each kind shows. */
const LOOKS: readonly (readonly [what: string, look: FirstLook, family: FamilyId | undefined])[] = [
  ["a VVX by SIP", { sip: { userAgent: "PolycomVVX-VVX_411-UA/6.4.6.2327" } }, "uc-phone"],
  ["a Trio by SIP", { sip: { userAgent: "PolycomRealPresenceTrio-Trio_8800-UA/7.2.2.1094" } }, "uc-phone"],
  ["a CCX by SIP and TLS", { ...tls("482567b5313f"), sip: { userAgent: "PolyCCX-CCX_600-UA/8.0.2.3267" } }, "uc-phone"],
  ["an Edge E by its server", tls("482567aabbcc", { serverHeader: "Poly Edge Telephone HTTPd" }), "uc-phone"],
  ["a phone by its certificate alone", tls("64167faabbcc"), "uc-phone"],
  ["a Studio by its page", tls("00e0dbaabbcc", { title: "Poly Studio X50" }), "video-os"],
  ["a Studio by SIP", { sip: { userAgent: "PolyStudioX50/4.2.0-387310" } }, "video-os"],
  ["a Group by SIP", { sip: { userAgent: "PolycomRealPresenceGroup500/6.2.0" } }, "group"],
  ["a switch", { snmp: { sysObjectId: "1.3.6.1.4.1.9.1.1208", sysDescr: "Catalyst L3 Switch" } }, "switch"],
  ["a printer", { snmp: { sysObjectId: "1.3.6.1.4.1.99999.1", sysDescr: "Printer" } }, "generic-snmp"],
  ["an HDX by SNMP", { snmp: { sysObjectId: "1.3.6.1.4.1.2684.1.1", sysDescr: "HDX 9006" } }, "hdx"],
  ["an HDX by SIP", { sip: { userAgent: "Polycom HDX 9006 (Release - 3.0.6-37004)" } }, "hdx"],
  ["a video system by its serial number: Group and VideoOS look alike", tls("8L21AAAABBCCFD"), undefined],
  ["a SoundPoint by SIP", { sip: { userAgent: "PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009" } }, "soundpoint"],
  ["a SoundStation by SIP", { sip: { userAgent: "PolycomSoundStationIP-SSIP_6000-UA/4.0.11.0583" } }, "soundpoint"],
  ["somebody else's phone", { sip: { userAgent: "Cisco/SPA504G-7.5.5" } }, undefined],
  ["nothing", {}, undefined],
];

test("families: ids are unique and lead back to their family", () => {
  expect(new Set(families.map(({ id }) => id)).size).toBe(families.length);
  for (const family of families) expect(familyOf(family.id)).toBe(family);
  for (const family of families) expect(family.name).not.toBe("");
});

test("familyOf(): a family the agent does not know is undefined", () => {
  expect(familyOf("fax" as FamilyId)).toBeUndefined();
});

test("families: recognition is disjoint: each typical device is claimed by one family, or by none for certain", () => {
  for (const [what, look, family] of LOOKS) expect([what, recognise(look, families, AT_MS).family?.id]).toEqual([what, family]);
});

test("families: no device is certain to two of them", () => {
  for (const [what, look] of LOOKS) {
    const certain = families.filter((family) => (family.recognise(look, AT_MS)?.confidence ?? 0) > 0.5);
    expect([what, certain.length <= 1]).toEqual([what, true]);
  }
});

test("families: where several are equally likely the answer names all of them and no family", () => {
  const answer = recognise(tls("8L21AAAABBCCFD"), families, AT_MS);
  expect(answer.ambiguous).toEqual(["video-os", "group", "hdx"]);
  expect(answer.facts).toEqual({ vendor: "Polycom", mac: "00e0dbaabbcc" });
});

test("families: every recognition has evidence with its moment", () => {
  for (const [what, look] of LOOKS) {
    for (const family of families) {
      const known = family.recognise(look, AT_MS);
      if (known === undefined) continue;
      expect([what, family.id, known.evidence.length > 0, known.evidence.every(({ atMs }) => atMs === AT_MS)]).toEqual([
        what,
        family.id,
        true,
        true,
      ]);
    }
  }
});

test("families: any look is judged without an exception, with a confidence from 0 to 1 and short evidence", () => {
  const word = fc.option(fc.string({ maxLength: 300 }), { nil: undefined });
  const looks = fc.record({ name: word, organisation: word, server: word, title: word, agent: word, descr: word, object: word });
  const given = (name: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [name]: value });
  fc.assert(
    fc.property(looks, ({ name, organisation, server, title, agent, descr, object }) => {
      const shown = {
        ...given("commonName", name),
        ...given("organisation", organisation),
        ...given("serverHeader", server),
        ...given("title", title),
      };
      const look: FirstLook = {
        tls: { fingerprint, ...shown },
        sip: given("userAgent", agent),
        snmp: { ...given("sysDescr", descr), ...given("sysObjectId", object) },
      };
      for (const family of families) {
        const known = family.recognise(look, AT_MS);
        const confidence = known?.confidence ?? 0;
        expect(confidence >= 0 && confidence <= 1).toBe(true);
        for (const { what } of known?.evidence ?? []) expect(what.length).toBeLessThan(600);
      }
    }),
  );
});

test("families: limits are sane: a site is not flooded, and nobody is asked every few seconds or never", () => {
  for (const { id, limits } of families) {
    expect([id, limits.inFlightPerSite >= 1 && limits.inFlightPerSite <= 200]).toEqual([id, true]);
    expect([id, limits.pollMs >= 30 * SECOND && limits.pollMs <= HOUR]).toEqual([id, true]);
  }
});

test("families: health is asked at the pace of the design: phones 2 minutes, rooms 1, switches 5", () => {
  const pace = Object.fromEntries(families.map(({ id, limits }) => [id, limits.pollMs / MINUTE]));
  expect(pace).toMatchObject({ "uc-phone": 2, "video-os": 1, group: 1, switch: 5 });
});

test("families: whoever can be updated has a trigger, an image name and times; whoever is only watched has none", () => {
  for (const { update } of families) {
    if (update === undefined || update.offer === "updateServer") continue;
    expect(update.triggers.length).toBeGreaterThan(0);
    expect(update.imageName).toMatch(/^[\w.-]+$/);
    expect([update.reactMs > 0, update.reactMs <= HOUR]).toEqual([true, true]);
  }
  expect(families.filter(({ update }) => update !== undefined && update.offer !== "updateServer").map(({ id }) => id)).toEqual([
    "uc-phone",
    "soundpoint",
  ]);
});

test("families: rooms ask an update server: steps, times, and no trigger that is said to wait for calls", () => {
  const rooms = families.flatMap(({ id, update }) => (update?.offer === "updateServer" ? [{ id, update }] : []));
  expect(rooms.map(({ id }) => id)).toEqual(["video-os", "group"]);
  for (const { update } of rooms) {
    expect(update.steps.length).toBeGreaterThan(0);
    // They look at their server by themselves, once an hour.
    expect([update.reactMs > 0, update.reactMs <= 2 * HOUR, update.failAfterMs >= 30 * MINUTE]).toEqual([true, true, true]);
    expect(update.triggers.every(({ waitsForCalls }) => !waitsForCalls)).toBe(true);
  }
});

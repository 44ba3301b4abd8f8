import { expect, test } from "vitest";
import type { FirstLook, Recognised } from "../../../protocols/families/family.ts";
import { families } from "../../../protocols/families/index.ts";
import { factsOfCertificate, recognisePhone, recogniseVideo } from "../../../protocols/families/phone-doors.ts";
import { recognise } from "../../../protocols/families/recognise.ts";

const AT_MS = 1_234;
const fingerprint = "ab".repeat(32);
const tls = (commonName: string, more: Partial<NonNullable<FirstLook["tls"]>> = {}): FirstLook => ({
  tls: { commonName, organisation: "Polycom Inc.", fingerprint, ...more },
});
const sip = (userAgent: string): FirstLook => ({ sip: { userAgent } });
const phone = (look: FirstLook): Recognised | undefined => recognisePhone(look, AT_MS);

test("factsOfCertificate(): the subject of a factory certificate is maker and MAC [uc 2.2]", () => {
  expect(factsOfCertificate({ commonName: "64167FAABBCC", organisation: "Polycom Inc.", fingerprint })).toEqual({
    vendor: "Polycom",
    mac: "64167faabbcc",
  });
  expect(factsOfCertificate({ commonName: "f04ea4691c59", organisation: "Poly", fingerprint })).toEqual({
    vendor: "Poly",
    mac: "f04ea4691c59",
  });
});

test("factsOfCertificate(): a video system may show its serial number, which holds its MAC", () => {
  expect(factsOfCertificate({ commonName: "8L21AAAABBCCFD", fingerprint })).toEqual({ mac: "00e0dbaabbcc" });
});

test("factsOfCertificate(): other subjects say nothing", () => {
  expect(factsOfCertificate({ commonName: "printer.example", organisation: "Polyester Ltd", fingerprint })).toEqual({});
  expect(factsOfCertificate({ fingerprint })).toEqual({});
});

test("recognisePhone(): every model line is certain by its SIP agent", () => {
  const agents = {
    "VVX 350": "PolycomVVX-VVX_350-UA/5.8.0.13337",
    "Trio 8800": "PolycomRealPresenceTrio-Trio_8800-UA/5.4.0.12197",
    "CCX 600": "PolyCCX-CCX_600-UA/8.0.2.3267",
    "Edge E350": "PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59",
  };
  for (const [model, agent] of Object.entries(agents)) {
    const known = phone(sip(agent));
    expect(known).toMatchObject({ confidence: 0.95, facts: { family: "uc-phone", model } });
    expect(known?.evidence).toEqual([{ via: "sip", what: `User-Agent ${agent}`, atMs: AT_MS }]);
  }
});

test("recognisePhone(): a page title that is a model is certain, a phone's server likely, a maker's block half so [uc 2.4] [uc 2.5]", () => {
  const confidences = [
    phone(tls("64167faabbcc", { title: "VVX450" })),
    phone(tls("64167faabbcc", { serverHeader: "Polycom SoundPoint IP Telephone HTTPd" })),
    phone(tls("482567aabbcc", { serverHeader: "Poly Edge Telephone HTTPd" })),
    phone(tls("64167faabbcc")),
    phone(tls("001122aabbcc")),
  ].map((known) => known?.confidence);
  expect(confidences).toEqual([0.95, 0.8, 0.8, 0.5, 0.3]);
});

test("recognisePhone(): the MAC of the certificate beats the one a SIP agent states", () => {
  const known = phone({ ...tls("64167faabbcc"), ...sip("PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59") });
  expect(known?.facts.mac).toBe("64167faabbcc");
});

test("recognisePhone(): all signs are evidence, each cut short", () => {
  const known = phone({
    ...tls("64167faabbcc", { serverHeader: "s".repeat(500), title: "VVX411" }),
    ...sip("PolycomVVX-VVX_411-UA/6.4.6.2327"),
  });
  expect(known?.evidence.map(({ via }) => via)).toEqual(["tls", "https", "https", "sip"]);
  for (const { what } of known?.evidence ?? []) expect(what.length).toBeLessThanOrEqual(120);
});

test("recognisePhone(): certain knowledge of another family beats weaker signs", () => {
  const server = { serverHeader: "Polycom SoundPoint IP Telephone HTTPd" };
  expect(phone({ ...tls("0004f2aabbcc", server), ...sip("PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009") })).toBeUndefined();
  expect(phone(sip("PolycomRealPresenceGroup700/6.2.0"))).toBeUndefined();
});

test("recognisePhone(): silence, other makers and video blocks are nobody's phone", () => {
  for (const look of [
    {},
    sip("Cisco/SPA504G"),
    { tls: { fingerprint, commonName: "001122aabbcc" } },
    tls("00e0dbaabbcc"),
    { ssh: { banner: "SSH-2.0-x" } },
  ]) {
    expect([look, phone(look)]).toEqual([look, undefined]);
  }
});

const both = (look: FirstLook): (number | undefined)[] =>
  (["video-os", "group"] as const).map((family) => recogniseVideo(family, look, AT_MS)?.confidence);

test("recogniseVideo(): the maker's block alone fits both families equally, and names neither", () => {
  expect(both(tls("8L21AAAABBCCFD"))).toEqual([0.5, 0.5]);
  expect(recogniseVideo("group", tls("00e0dbaabbcc"), AT_MS)?.facts).toEqual({ vendor: "Polycom", mac: "00e0dbaabbcc" });
});

test("recogniseVideo(): a model in page title or SIP agent is certain for one and rules out the other", () => {
  expect(both({ ...tls("00e0dbaabbcc", { title: "Poly Studio X50" }) })).toEqual([0.95, undefined]);
  expect(both({ ...tls("00e0dbaabbcc"), ...sip("PolycomRealPresenceGroup700/6.2.0") })).toEqual([undefined, 0.95]);
  expect(recogniseVideo("video-os", tls("00e0dbaabbcc", { title: "StudioX50" }), AT_MS)?.facts).toMatchObject({
    family: "video-os",
    model: "Studio X50",
  });
});

test("recogniseVideo(): the factory text of sysDescr fits both [snmp 2.3]", () => {
  expect(both({ snmp: { sysDescr: "Videoconferencing Device" } })).toEqual([0.5, 0.5]);
});

test("recogniseVideo(): sysDescr and sysName are texts an administrator may change: a hint, never a model [snmp 2.3]", () => {
  for (const snmp of [{ sysDescr: "Studio X50" }, { sysName: "Studio X50" }]) {
    expect(both({ snmp })).toEqual([0.3, undefined]);
    expect(recogniseVideo("video-os", { snmp }, AT_MS)?.facts).toEqual({});
  }
  expect(both({ ...tls("00e0dbaabbcc"), snmp: { sysDescr: "Studio X50" } })).toEqual([0.5, 0.5]);
  expect(both({ snmp: { sysName: "StudioX30-AABBCCFD" } })).toEqual([0.3, undefined]);
});

test("recogniseVideo(): HDX, whose sysDescr is its model, and phones are not rooms", () => {
  const hdx = { snmp: { sysObjectId: "1.3.6.1.4.1.2684.1.1", sysDescr: '"Polycom HDX 9006"' } };
  for (const look of [{ ...tls("00e0dbaabbcc"), ...hdx }, sip("PolycomVVX-VVX_411-UA/6.4.6.2327"), tls("64167faabbcc"), {}]) {
    expect([look, both(look)]).toEqual([look, [undefined, undefined]]);
  }
});

test("recognisePhone(), recogniseVideo(): a camera that shows its own certificate is nobody's phone or room [video 1.7]", () => {
  const camera: FirstLook = tls("EagleEyeDirectorII.polycom.com");
  expect(recognisePhone(camera, AT_MS)).toBeUndefined();
  expect(both(camera)).toEqual([undefined, undefined]);
});

const byFamily = (look: FirstLook): Readonly<Record<string, number | undefined>> =>
  Object.fromEntries(families.map((family) => [family.id, family.recognise(look, AT_MS)?.confidence]));

test("recognise(): a MAC of a shared block is as likely each of its families, and names none", () => {
  const phones = recognise(tls("0004f2aabbcc"), families, AT_MS);
  expect([phones.family, phones.ambiguous, phones.confidence]).toEqual([undefined, ["uc-phone", "soundpoint"], 0.5]);
  const server = { serverHeader: "Polycom SoundPoint IP Telephone HTTPd" };
  expect(recognise(tls("0004f2aabbcc", server), families, AT_MS)).toMatchObject({ ambiguous: ["uc-phone", "soundpoint"], confidence: 0.8 });
  const rooms = recognise(tls("00e0dbaabbcc"), families, AT_MS);
  expect([rooms.family, rooms.ambiguous, rooms.confidence]).toEqual([undefined, ["video-os", "group", "hdx"], 0.5]);
  expect(rooms.facts).toEqual({ vendor: "Polycom", mac: "00e0dbaabbcc" });
});

test("recognise(): a block of one family is no ambiguity", () => {
  for (const name of ["64167faabbcc", "482567aabbcc", "f04ea4aabbcc"]) {
    expect(recognise(tls(name), families, AT_MS)).toMatchObject({ family: { id: "uc-phone" }, confidence: 0.5 });
  }
});

test("recognise(): what is named beats what the block may be", () => {
  const named: readonly (readonly [FirstLook, string])[] = [
    [{ ...tls("0004f2aabbcc"), ...sip("PolycomVVX-VVX_300-UA/5.9.7.3480") }, "uc-phone"],
    [{ ...tls("0004f2aabbcc"), ...sip("PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009") }, "soundpoint"],
    [{ ...tls("00e0dbaabbcc"), ...sip("PolycomRealPresenceGroup700/6.2.0") }, "group"],
    [{ ...tls("00e0dbaabbcc"), ...sip("Polycom HDX 9006 (Release - 3.1.10-51067)") }, "hdx"],
    [tls("00e0dbaabbcc", { title: "Poly Studio X50" }), "video-os"],
  ];
  for (const [look, family] of named) {
    expect(byFamily(look)).toEqual({ ...Object.fromEntries(families.map(({ id }) => [id, undefined])), [family]: 0.95 });
  }
  expect(byFamily(tls("0004f2aabbcc", { serverHeader: "Poly Edge Telephone HTTPd" }))["soundpoint"]).toBeUndefined();
});

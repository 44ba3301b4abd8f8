import fc from "fast-check";
import { expect, test } from "vitest";
import { parseUserAgent } from "../../../protocols/families/user-agent.ts";

test("parseUserAgent(): a SIP agent is the application's own word [uc 7.1]", () => {
  expect(parseUserAgent("Polycom/5.5.2.8571 PolycomVVX-VVX_310-UA/5.5.2.8571")).toEqual({
    vendor: "Polycom",
    family: "uc-phone",
    model: "VVX 310",
    running: { application: "5.5.2.8571" },
    version: "5.5.2.8571",
  });
});

test("parseUserAgent(): a tagged MAC is split from the version, leading zeros stay [uc 7.2] [uc 9.8]", () => {
  expect(parseUserAgent("PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59")).toMatchObject({
    vendor: "Poly",
    model: "Edge E350",
    running: { application: "8.3.1.0614" },
    mac: "f04ea4691c59",
  });
});

test("parseUserAgent(): file requests of the application state what runs, with MAC where the phone is told to tag", () => {
  expect(parseUserAgent("FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application")).toEqual({
    vendor: "Poly",
    family: "uc-phone",
    model: "CCX 600",
    running: { application: "8.0.2.3267" },
    type: "application",
    version: "8.0.2.3267",
    mac: "482567b5313f",
  });
});

test("parseUserAgent(): the Updater's number is never the application's", () => {
  const agent = parseUserAgent("FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater");
  expect(agent).toMatchObject({ family: "soundpoint", model: "SoundStation IP 6000", type: "updater", running: { updater: "5.0.3.1667" } });
  expect(agent?.running?.application).toBeUndefined();
});

test("parseUserAgent(): a file request without Type says a version, not what runs: BootROM and application look alike", () => {
  for (const version of ["4.2.1.0275", "3.2.1.0078"]) {
    const agent = parseUserAgent(`FileTransport PolycomSoundPointIP-SPIP_335-UA/${version}`);
    expect(agent).toMatchObject({ model: "SoundPoint IP 335", version });
    expect(agent).not.toHaveProperty("running");
    expect(agent).not.toHaveProperty("type");
  }
});

test("parseUserAgent(): forms that older expressions miss are read [prov 4.15]", () => {
  expect(parseUserAgent("PolycomRealPresenceTrio-Trio_Visual+-UA/5.4.0.12197")).toMatchObject({
    family: "uc-phone",
    model: "Trio Visual+",
  });
  expect(parseUserAgent("Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application")).toMatchObject({
    family: "soundpoint",
    running: { application: "4.0.15.1047" },
  });
  expect(parseUserAgent("FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application")).toMatchObject({
    vendor: "Poly",
    family: "video-os",
    model: "Studio X30",
    running: { application: "3.10.0_362035" },
  });
});

test("parseUserAgent(): video systems by slash, by release text, and the Group by its runtime alone [video 1.6] [prov 4.13]", () => {
  expect(parseUserAgent("PolycomRealPresenceGroup700/6.2.0")).toMatchObject({
    family: "group",
    model: "RealPresence Group 700",
    version: "6.2.0",
  });
  const hdx = parseUserAgent("Polycom HDX 8000 HD (Release - 2.5.0.8_ne-4035)");
  expect(hdx).toMatchObject({ family: "hdx", model: "HDX 8000", running: { application: "2.5.0.8_ne-4035" } });
  expect(parseUserAgent("Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)")).toEqual({ vendor: "Polycom", family: "group" });
});

test("parseUserAgent(): a model nobody knows keeps the family of its name", () => {
  expect(parseUserAgent("PolyEdge-Edge_Z9-UA/9.0.0.0001")).toMatchObject({ family: "uc-phone", model: "Edge Z9" });
});

test("parseUserAgent(): what is not of ours is nothing", () => {
  const others = [
    "",
    "Cisco/SPA504G-7.5.5",
    "Dalvik/1.6.0 (Linux; U; Android 4.0.3; other Build/IML74K)",
    "PolyesterShop/1.0",
    "friendly-scanner",
  ];
  for (const agent of [...others, `PolycomVVX-VVX_310-UA/5.5.2.8571${" ".repeat(600)}x`])
    expect([agent, parseUserAgent(agent)]).toEqual([agent, undefined]);
});

test("parseUserAgent(): an unreadable version is absent, model and MAC are not", () => {
  const agent = parseUserAgent("FileTransport PolycomVVX-VVX_311-UA/unknown (SN:64167faabbcc) Type/Application");
  expect(agent).toMatchObject({ model: "VVX 311", mac: "64167faabbcc" });
  expect(agent).not.toHaveProperty("running");
  expect(agent).not.toHaveProperty("version");
});

test("parseUserAgent(): any text is read or refused, never an exception, and texts stay short", () => {
  const start = fc.constantFrom("", "FileTransport ", "PolycomVVX-", "Polycom HDX ", "Poly");
  fc.assert(
    fc.property(start, fc.string({ maxLength: 600 }), (before, rest) => {
      expect((parseUserAgent(before + rest)?.model ?? "").length).toBeLessThanOrEqual(64);
    }),
  );
});

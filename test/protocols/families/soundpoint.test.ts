import { expect, test } from "vitest";
import { soundPoint } from "../../../protocols/families/soundpoint.ts";
import { targetAt } from "../../support/family-io.ts";
import { never, realIo, sipPhone } from "./kit.ts";

const AGENT = "PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009";

test("soundpoint read(), look(): SIP tells model and version; use is unknown, nothing is zero [uc 7.1] [uc 9.1]", async () => {
  const phone = await sipPhone(AGENT);
  const target = await targetAt({ sip: phone.port });
  const facts = { vendor: "Polycom", family: "soundpoint", model: "SoundPoint IP 550", running: { application: "4.0.15.1009" } };
  expect(await soundPoint.read(target, realIo(), never)).toMatchObject({
    facts,
    inUse: { state: "unknown" },
    reading: {},
    faults: [],
    evidence: [{ via: "sip" }],
  });
  expect(await soundPoint.look(target, realIo(), never)).toMatchObject({ facts, inUse: { state: "unknown" }, faults: [] });
});

test("soundpoint recognise(): its web server's header alone is that of VVX and Trio too, and says nothing [uc 2.4]", () => {
  const tls = { fingerprint: "ab".repeat(32), serverHeader: "Polycom SoundPoint IP Telephone HTTPd" };
  expect(soundPoint.recognise({ tls }, 0)).toBeUndefined();
  expect(soundPoint.recognise({ tls: { ...tls, commonName: "0004f2aabbcc" }, sip: { userAgent: AGENT } }, 0)).toMatchObject({
    facts: { family: "soundpoint", mac: "0004f2aabbcc", model: "SoundPoint IP 550" },
  });
});

test("soundpoint: nothing tells whether one is in a call, so it is never told to update", () => {
  expect(soundPoint.update).toBeUndefined();
});

import { expect, test } from "vitest";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { keepFactoryPin } from "../../../protocols/families/factory-pin.ts";
import { createPins } from "../../../protocols/families/pins.ts";
import type { PeerCertificate } from "../../../protocols/http/certificate.ts";
import { targetAt } from "../../support/family-io.ts";
import { never, realIo } from "./kit.ts";

const MAC = "64167faabbcc" as Mac;
const READ: DeviceRead = {
  facts: { family: "uc-phone" },
  inUse: { state: "idle" },
  lines: [],
  parts: [],
  reading: {},
  evidence: [{ via: "https", what: "REST", atMs: 0 }],
  faults: [],
};

async function visits(organisation: string, count: number, read = READ) {
  const pins = createPins();
  let looks = 0;
  const shown: PeerCertificate = { commonName: MAC, organisation, fingerprint: "ab".repeat(32) };
  const certificate = async () => {
    looks++;
    return { ok: true as const, value: shown };
  };
  const io = { http: { ...realIo().http, certificate }, pins };
  for (let visit = 0; visit < count; visit++) {
    const target = await targetAt({}, { expectMac: MAC, trust: "first", pins: pins.of(MAC) });
    await keepFactoryPin({ target, family: "uc-phone", read }, io, never);
  }
  return { looks, kept: pins.of(MAC) };
}

test("keepFactoryPin(): a factory certificate is looked at once and kept", async () => {
  expect(await visits("Polycom Inc.", 3)).toEqual({ looks: 1, kept: { tlsFingerprint: "ab".repeat(32) } });
});

test("keepFactoryPin(): a customer's own certificate is looked at once and not kept", async () => {
  expect(await visits("Contoso AG", 3)).toEqual({ looks: 1, kept: {} });
});

test("keepFactoryPin(): a visit without HTTPS knocks at no other door", async () => {
  expect(await visits("Polycom Inc.", 3, { ...READ, evidence: [{ via: "sip", what: "OPTIONS", atMs: 0 }] })).toEqual({
    looks: 0,
    kept: {},
  });
});

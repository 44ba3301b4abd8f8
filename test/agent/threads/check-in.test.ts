import { expect, test } from "vitest";
import { sightingOf } from "../../../agent/threads/check-in.ts";
import type { ProvisionMessage } from "../../../protocols/provisioning/provision-message.ts";
import { type RawRequest, readRequest } from "../../../protocols/provisioning/request.ts";

const MAC = "64167faabbcc";

function checkIn(raw: Partial<RawRequest>, message?: ProvisionMessage) {
  const plain = readRequest({ method: "GET", target: `/${MAC}.cfg`, ...raw });
  const request = message === undefined ? plain : { ...plain, asked: { kind: "dynamic" as const }, message };
  const { userAgent } = request;
  return sightingOf(
    {
      kind: "checkIn",
      address: "127.0.5.1",
      asked: request.asked.kind,
      method: "GET",
      request,
      ...(userAgent === undefined ? {} : { userAgent }),
    },
    7,
  );
}

test("sightingOf(): what a phone's request says of it, and the request as evidence", () => {
  const userAgent = "FileTransport PolycomVVX-VVX_411-UA/6.4.6.2327 (SN:64167faabbcc) Type/Application";
  expect(checkIn({ userAgent })).toEqual({
    source: "provisioning",
    atMs: 7,
    address: "127.0.5.1",
    facts: { mac: MAC, vendor: "Polycom", family: "uc-phone", model: "VVX 411", running: { application: "6.4.6.2327" } },
    evidence: [{ via: "provisioning", what: `GET master, ${userAgent}`, atMs: 7 }],
  });
});

test("sightingOf(): the Updater's version is not taken for the application's", () => {
  const { facts } = checkIn({ userAgent: "FileTransport PolycomVVX-VVX_411-UA/6.4.6.0500 (SN:64167faabbcc) Type/Updater" });
  expect(facts.running).toEqual({ updater: "6.4.6.0500" });
});

test("sightingOf(): a request without headers says its MAC by the path, and nothing more", () => {
  expect(checkIn({})).toMatchObject({ facts: { mac: MAC }, evidence: [{ what: "GET master" }] });
  expect(Object.keys(checkIn({}).facts)).toEqual(["mac"]);
});

test("sightingOf(): a room system says its serial by X-Device", () => {
  expect(checkIn({ target: "/0.cfg", xDevice: `8G1234ABCDEFXY/${MAC}/127.0.5.1` }).facts).toEqual({ mac: MAC, serial: "8G1234ABCDEFXY" });
});

test("sightingOf(): the request for the image states the part number, and it names the model where the agent does not [prov 1a.13]", () => {
  expect(checkIn({ target: "/3111-48450-001.sip.ld" }).facts).toEqual({
    partNumber: "3111-48450-001",
    model: "VVX 411",
    family: "uc-phone",
  });
});

test("sightingOf(): a part number that is not of the stated model is told", () => {
  const userAgent = "FileTransport PolycomVVX-VVX_450-UA/6.4.6.2327 Type/Application";
  const { facts, evidence } = checkIn({ target: "/3111-48450-001.sip.ld", userAgent });
  expect(facts).toMatchObject({ model: "VVX 450", partNumber: "3111-48450-001" });
  expect(evidence[0]?.what).toContain("part number 3111-48450-001 belongs to VVX 411, not VVX 450");
});

test("sightingOf(): behind a proxy its address is not the device's; whom it asked for is told, not believed [prov 3.9] [prov 4.16]", () => {
  const sighting = checkIn({ forwardedFor: "192.0.2.7" });
  expect(sighting).not.toHaveProperty("address");
  expect(sighting.evidence[0]?.what).toBe("GET master, for 192.0.2.7 by 127.0.5.1");
});

test("sightingOf(): a Group by what it posts: serial number, model and family [prov 11aa.1]", () => {
  const userAgent = "Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)";
  const message = { deviceType: "GROUPSERIES", serial: "8213AAAABBCCCV", model: "Group500" };
  expect(checkIn({ method: "POST", target: "/", userAgent }, message).facts).toEqual({
    vendor: "Polycom",
    family: "group",
    model: "RealPresence Group 500",
    serial: "8213AAAABBCCCV",
  });
});

test("sightingOf(): endless headers stay bounded", () => {
  const { evidence } = checkIn({ userAgent: "x".repeat(5_000) });
  expect(evidence[0]?.what.length).toBeLessThanOrEqual(300);
});

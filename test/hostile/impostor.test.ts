/**
 * Somebody else at a device's address: the whole driver against the simulated site, whose own record says whether a credential arrived.
 */
import { expect, test } from "vitest";
import { credentialsSeen } from "../../fixtures/site/credentials-seen.ts";
import type { DeviceKind, SimDevice } from "../../fixtures/site/device.ts";
import { setVars } from "../../fixtures/site/phone-vars.ts";
import { renewCertificate } from "../../fixtures/site/renewed-certificates.ts";
import { setVar } from "../../fixtures/site/video-vars.ts";
import { parseMac } from "../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { keepFactoryPin } from "../../protocols/families/factory-pin.ts";
import type { Family, FamilyIo, Target, UpdateOrder } from "../../protocols/families/family.ts";
import { group } from "../../protocols/families/group.ts";
import { hdx } from "../../protocols/families/hdx.ts";
import { identifyDevice } from "../../protocols/families/identify.ts";
import { createPins } from "../../protocols/families/pins.ts";
import { soundPoint } from "../../protocols/families/soundpoint.ts";
import { ucPhone } from "../../protocols/families/uc-phone.ts";
import { videoOs } from "../../protocols/families/video-os.ts";
import { atEnd, type Stage, stage } from "../fixtures/site/kit.ts";
import { familyIo, shutPort } from "../support/family-io.ts";

const never = new AbortController().signal;
const OTHER_MAC = "64167f000001";
const KINDS = ["vvx", "trio", "ccx", "edge", "soundpoint", "studio", "group", "hdx"] as const satisfies readonly DeviceKind[];
/** Every family whose devices have a certificate. */
const FAMILIES: readonly Family[] = [ucPhone, soundPoint, videoOs, group, hdx];
const ORDER: UpdateOrder = {
  version: "9.9.9.9999",
  source: "http://127.0.0.1:9/updates",
  window: { start: "01:00", hours: 4 },
  keyCode: new Secret("key-canary"),
};

/** Each secret of the site in every form that is tried somewhere; one of them under the name of the device's line. */
function credentialsFor({ running }: Stage, device: SimDevice): Credential[] {
  const { phoneUser, phonePassword, roomUser, roomPassword, groupUser, groupPassword, community, usm } = running.ready.credentials;
  const phone = new Secret(phonePassword);
  return [
    { kind: "password", id: "phones", user: phoneUser, password: phone, families: ["uc-phone", "soundpoint"] },
    { kind: "password", id: "line", user: device.lines[0]?.number || "line", password: phone, families: ["uc-phone", "soundpoint"] },
    { kind: "password", id: "polling", user: "polling", password: phone, families: ["state-polling"] },
    { kind: "password", id: "rooms", user: roomUser, password: new Secret(roomPassword), families: ["video-os"] },
    { kind: "password", id: "groups", user: groupUser, password: new Secret(groupPassword), families: ["group", "hdx"] },
    { kind: "community", id: "ro", community: new Secret(community) },
    {
      kind: "usm",
      id: "v3",
      user: usm.user,
      auth: { protocol: "sha", key: new Secret(usm.authKey) },
      priv: { protocol: "aes", key: new Secret(usm.privKey) },
    },
  ];
}

/** All ways a person may allow are allowed, and nobody has refused anything yet. */
function open(at: Stage, device: SimDevice, more: Partial<Target>): { target: Target; io: FamilyIo } {
  const { refusals: _, ...io } = familyIo();
  atEnd(() => io.close());
  const { address } = device;
  const allowed = { telnet: true, sipNotify: true, upgradeUrl: "http://127.0.0.1:9/images/" };
  return {
    target: { address, ports: at.running.ready.ports, credentials: credentialsFor(at, device), trust: "any", ...allowed, ...more },
    io,
  };
}

function expecting(text: string): Partial<Target> {
  const expectMac = parseMac(text);
  return expectMac === undefined ? {} : { expectMac };
}

/** Everything a family does with a device. */
async function doAll(family: Family, { target, io }: { readonly target: Target; readonly io: FamilyIo }): Promise<void> {
  await family.read(target, io, never);
  await family.look(target, io, never);
  const { update } = family;
  for (const trigger of update?.triggers ?? []) await trigger.send(target, io, never);
  for (const step of update?.offer === "updateServer" ? update.steps : []) await step.send(target, ORDER, io, never);
}

/** As open as it can be: every door there is, and phones ask for a password by SIP and for an account where they are polled. */
async function openDevice(kind: DeviceKind): Promise<{ at: Stage; device: SimDevice }> {
  const at = await stage();
  const device = at.device(kind);
  const polling = { "apps.statePolling.username": "polling", "apps.statePolling.password": at.running.ready.credentials.phonePassword };
  setVars(device, { notifyChallenge: true, params: polling });
  setVar(device, "cli.telnet", true);
  setVar(device, "snmp.enabled", true);
  return { at, device };
}

test.each(KINDS)(
  "every family: a %s whose certificate names another MAC than expected is shown no credential by any door",
  async (kind) => {
    const { at, device } = await openDevice(kind);
    const there = open(at, device, expecting(OTHER_MAC));
    await identifyDevice(there.target, there.io, never);
    expect(credentialsSeen(device), "identifyDevice()").toEqual({});
    for (const family of FAMILIES) {
      await doAll(family, there);
      expect(credentialsSeen(device), family.id).toEqual({});
    }
  },
);

/** What each kind is shown by its own family where it is the one expected: the record above would have told. */
const SHOWN = [
  ["vvx", ucPhone, "authorization"],
  ["trio", ucPhone, "authorization"],
  ["ccx", ucPhone, "authorization"],
  ["edge", ucPhone, "authorization"],
  ["soundpoint", soundPoint, "authorization"],
  ["studio", videoOs, "session community user"],
  ["group", group, "session community"],
  ["hdx", hdx, "authorization community"],
] as const satisfies readonly (readonly [DeviceKind, Family, string])[];

test.each(SHOWN)("credentialsSeen(): a %s that proves who it is has seen what reading it takes", async (kind, family, shown) => {
  const { at, device } = await openDevice(kind);
  const { target, io } = open(at, device, expecting(device.mac));
  await family.read(target, io, never);
  expect(Object.keys(credentialsSeen(device)).join(" ")).toBe(shown);
});

test.each([
  ["vvx", ucPhone, "checkSync", { authorization: 1 }],
  ["group", group, "poll", { password: 1 }],
] as const)(
  "credentialsSeen(): a %s that proves who it is has seen the password of a trigger that is not sent by HTTPS",
  async (...one) => {
    const [kind, family, id, seen] = one;
    const { at, device } = await openDevice(kind);
    const { target, io } = open(at, device, expecting(device.mac));
    await family.update?.triggers.find((trigger) => trigger.id === id)?.send(target, io, never);
    expect(credentialsSeen(device)).toEqual(seen);
  },
);

/** A Group whose web interface is shut, so that its command line is all there is; pinned both ways. */
async function pinnedGroup(sshFingerprint: string) {
  const { at, device } = await openDevice("group");
  const pins = { sshFingerprint, tlsFingerprint: "00".repeat(32) };
  const { target, io } = open(at, device, { ...expecting(device.mac), trust: "pin", pins });
  return { device, io, target: { ...target, ports: { ...target.ports, https: await shutPort() } } };
}

test("group: under another host key than pinned no password goes out, by SSH, by telnet or by SNMP", async () => {
  const { device, io, target } = await pinnedGroup("SHA256:before");
  const read = await group.read(target, io, never);
  expect(read.faults).toMatchObject([{ kind: "unreachable" }, { kind: "impostor", via: "ssh", wanted: "SHA256:before" }]);
  await identifyDevice(target, io, never);
  await doAll(group, { target, io });
  expect(credentialsSeen(device)).toEqual({});
});

test("group: under the pinned host key it is read by its command line", async () => {
  const { device, io, target } = await pinnedGroup("SHA256:before");
  const [, impostor] = (await group.read(target, io, never)).faults;
  const sshFingerprint = impostor?.kind === "impostor" ? impostor.found : "";
  const read = await group.read({ ...target, pins: { ...target.pins, sshFingerprint } }, io, never);
  expect(read.facts.model).toMatch(/^RealPresence Group/);
  expect(credentialsSeen(device)).toMatchObject({ password: 1 });
});

test("uc-phone: its factory certificate is kept after the first visit; another one in its name gets no password", async () => {
  const { at, device } = await openDevice("vvx");
  const pins = createPins();
  const first = open(at, device, { ...expecting(device.mac), trust: "first" });
  const io = { ...first.io, pins };
  const read = await ucPhone.read(first.target, io, never);
  await keepFactoryPin({ target: first.target, family: "uc-phone", read }, io, never);
  expect(pins.of(device.mac).tlsFingerprint).toMatch(/^[0-9a-f]{64}$/);
  const known = { ...first.target, pins: pins.of(device.mac) };
  expect((await ucPhone.read(known, io, never)).facts.model).toBeDefined();

  const before = credentialsSeen(device);
  renewCertificate(device);
  // A fresh client: a kept connection would still be to the phone itself.
  const later = { ...open(at, device, {}).io, pins };
  const found = (await ucPhone.read(known, later, never)).faults;
  expect(found).toMatchObject([{ kind: "impostor", via: "tls", wanted: known.pins.tlsFingerprint }]);
  // A sweep knows only what the certificate says, and whose it should be.
  const { pins: _, expectMac: __, ...unknown } = known;
  expect((await identifyDevice(unknown, later, never)).faults).toContainEqual(expect.objectContaining({ kind: "impostor", via: "tls" }));
  await doAll(ucPhone, { target: known, io: later });
  expect(credentialsSeen(device)).toEqual(before);
});

test("keepFactoryPin(): a room's certificate is not kept: a reset makes a new one [video 2.1] [video 2.5.17]", async () => {
  const { at, device } = await openDevice("studio");
  const { target, io } = open(at, device, { ...expecting(device.mac), trust: "first" });
  const pins = createPins();
  const read = await videoOs.read(target, io, never);
  await keepFactoryPin({ target, family: "video-os", read }, { ...io, pins }, never);
  expect(pins.of(device.mac)).toEqual({});
});

test("hdx: with a community alone, too, its certificate is looked at before the community goes out", async () => {
  const { at, device } = await openDevice("hdx");
  const credentials = credentialsFor(at, device).filter(({ kind }) => kind === "community");
  const wrong = open(at, device, { ...expecting(OTHER_MAC), credentials });
  const read = await hdx.read(wrong.target, wrong.io, never);
  expect(read.faults).toContainEqual({ kind: "impostor", via: "tls", wanted: OTHER_MAC, found: device.mac });
  expect(credentialsSeen(device)).toEqual({});
  const right = open(at, device, { ...expecting(device.mac), credentials });
  await hdx.read(right.target, right.io, never);
  expect(Object.keys(credentialsSeen(device))).toEqual(["community"]);
});

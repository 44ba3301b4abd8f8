import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { group } from "../../../protocols/families/group.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { fakeSsh, never, realIo, type Transcript } from "./kit.ts";
import { GROUP, json, room } from "./room.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };
const SHELL: Transcript = {
  version: 'version "Release - 6.2.2.8-670021"\r\n',
  "callinfo all": "system is not in a call\r\n",
  "systemsetting get model": 'systemsetting model "RealPresence Group 500"\r\n',
  serialnum: "serialnum 8213AAAABBCCCV\r\n",
  "systemname get": 'systemname "Room 9"\r\n',
  "uptime get": "1 Hour, 10 Minutes\r\n",
};

test("read(): by REST where it answers; the command line is left alone", async () => {
  const device = await room(GROUP);
  const ssh = fakeSsh(SHELL);
  const read = await group.read(await targetAt({ https: device.port }, { credentials: [admin] }), { ...realIo(), ssh }, never);
  expect(read).toMatchObject({
    facts: {
      family: "group",
      model: "RealPresence Group 500",
      mac: "00e0dbaabbcc",
      revision: "18",
      running: { application: "6.2.2.8-670021" },
    },
    inUse: { state: "idle" },
    reading: { inCall: 0, uptimeSeconds: 99 },
    faults: [],
  });
  expect([ssh.targets, device.sessions()]).toEqual([[], 0]);
});

test("read(): an incoming call rings in the pending conference: busy", async () => {
  const ringing = [{ id: "PENDING", isPendingConference: true, connections: [{ state: "RINGING" }] }];
  const device = await room({ ...GROUP, conferences: json(ringing) });
  const read = await group.read(await targetAt({ https: device.port }, { credentials: [admin] }), realIo(), never);
  expect([read.inUse, read.reading.inCall]).toEqual([{ state: "busy", reason: "call RINGING" }, 1]);
});

test("read(), look(): where REST is silent the command line stands in, and REST's silence stays a fault", async () => {
  const target = await targetAt({}, { credentials: [admin] });
  const io = { ...realIo(), ssh: fakeSsh(SHELL) };
  expect(await group.read(target, io, never)).toMatchObject({
    facts: { family: "group", model: "RealPresence Group 500", mac: "00e0dbaabbcc", name: "Room 9" },
    inUse: { state: "idle" },
    reading: { inCall: 0, uptimeSeconds: 4_200 },
    evidence: [{ via: "ssh", what: expect.stringContaining("SHA256:unit") }],
    faults: [{ kind: "unreachable", via: "https" }],
  });
  expect(await group.look(target, io, never)).toMatchObject({
    inUse: { state: "idle" },
    uptimeSeconds: 4_200,
    faults: [{ kind: "unreachable", via: "https" }],
  });
});

test("read(): what the command line does not tell is absent, with a fault", async () => {
  const target = await targetAt({}, { credentials: [admin] });
  const read = await group.read(target, { ...realIo(), ssh: fakeSsh({ version: SHELL["version"] ?? "" }) }, never);
  expect([read.inUse.state, read.reading]).toEqual(["unknown", {}]);
  expect(read.faults.map(({ kind }) => kind)).toEqual(["unreachable", "refused", "refused", "refused", "refused", "refused"]);
});

test("read(), look(): both ways shut: unknown, and both faults", async () => {
  const target = await targetAt({}, { credentials: [admin] });
  const io = { ...realIo(), ssh: fakeSsh({}, { kind: "unreachable", via: "ssh" }) };
  for (const seen of [await group.read(target, io, never), await group.look(target, io, never)]) {
    expect(seen).toMatchObject({ facts: {}, inUse: { state: "unknown" }, faults: [{ via: "https" }, { kind: "unreachable", via: "ssh" }] });
  }
});

test("read(): a refused password, a lock-out and another device are no reason to try the command line", async () => {
  const wrong: Credential = { ...admin, password: new Secret("wrong") };
  const locked = await room(GROUP, { login: () => ({ status: 412, body: '{"reason":"SessionPortLockout"}' }) });
  const open = await room(GROUP);
  const pinned = { trust: "pin" as const, pins: { tlsFingerprint: "00".repeat(32), sshFingerprint: "SHA256:unit" } };
  const kinds: string[] = [];
  for (const target of [
    await targetAt({ https: open.port }, { credentials: [wrong] }),
    await targetAt({ https: locked.port }, { credentials: [admin] }),
    await targetAt({ https: open.port }, { credentials: [admin], ...pinned }),
  ]) {
    const ssh = fakeSsh(SHELL);
    kinds.push(...(await group.read(target, { ...realIo(), ssh }, never)).faults.map(({ kind }) => kind));
    expect(ssh.targets).toEqual([]);
  }
  expect(kinds).toEqual(["denied", "lockedOut", "impostor"]);
});

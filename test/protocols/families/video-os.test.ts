import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { videoOs } from "../../../protocols/families/video-os.ts";
import { NOW_MS, PASSWORD, targetAt } from "../../support/family-io.ts";
import { never, ROOM_CERTIFICATE, realIo } from "./kit.ts";
import { json, room, X50 } from "./room.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };

test("read(): a room with its panel, in one session that is closed [prov 11a.4]", async () => {
  const device = await room(X50);
  const read = await videoOs.read(await targetAt({ https: device.port }, { credentials: [admin] }), realIo(), never);
  expect(read).toEqual({
    facts: {
      family: "video-os",
      model: "Studio X50",
      serial: "8L21AAAABBCCFD",
      mac: "00e0dbaabbcc",
      name: "Room 5",
      running: { application: "3.11.0-364000" },
      managedBy: "none",
    },
    inUse: { state: "idle" },
    lines: [],
    parts: [{ model: "TC8", mac: "00e0dbaabbdd", serial: "8L21BBAABBDDFD", version: "3.10.0-210644", connected: true }],
    reading: {
      inCall: 0,
      uptimeSeconds: 1234567.8,
      rebootNeeded: 0,
      peripheralsConnected: 1,
      peripheralsMissing: 0,
      certificateNotAfterSeconds: Math.round((ROOM_CERTIFICATE.notAfterMs - NOW_MS) / 1000),
    },
    evidence: [
      expect.objectContaining({ via: "https" }),
      expect.objectContaining({ via: "tls" }),
      expect.objectContaining({ what: "updates itself from prov_server" }),
    ],
    faults: [],
  });
  expect([device.opened(), device.sessions()]).toEqual([1, 0]);
});

test("read(), look(): a system that does not answer is unknown and everything is absent", async () => {
  const target = await targetAt({}, { credentials: [admin] });
  expect(await videoOs.read(target, realIo(), never)).toMatchObject({
    facts: {},
    reading: {},
    inUse: { state: "unknown" },
    faults: [{ kind: "unreachable" }],
  });
  expect(await videoOs.look(target, realIo(), never)).toMatchObject({
    facts: {},
    inUse: { state: "unknown" },
    faults: [{ kind: "unreachable" }],
  });
});

test("look(): asks what is needed before a command and no more", async () => {
  const device = await room({ ...X50, conferences: json([{ id: "0", isActive: true, connections: [{ state: "RINGING" }] }]) });
  const look = await videoOs.look(await targetAt({ https: device.port }, { credentials: [admin] }), realIo(), never);
  expect(look).toMatchObject({
    inUse: { state: "busy" },
    facts: { running: { application: "3.11.0-364000" } },
    uptimeSeconds: 1234567.8,
    faults: [],
  });
  expect([device.asked, device.sessions()]).toEqual([
    ["system", "conferences", "system/mode", "system/mode/device", "POST devicemanagement/devices"],
    0,
  ]);
});

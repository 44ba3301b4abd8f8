import { expect, test } from "vitest";
import type { InUse } from "../../../protocols/core/device.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { FamilyIo, Target } from "../../../protocols/families/family.ts";
import { seeVideo } from "../../../protocols/families/video-visit.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { type Answer, never, realIo } from "./kit.ts";
import { GROUP, json, type Room, type RoomOptions, room, text, X50 } from "./room.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };
const wrong: Credential = { kind: "password", id: "wrong", user: "admin", password: new Secret("wrong") };

async function placeOf(device: Room, more: Partial<Target> = {}): Promise<{ target: Target; io: FamilyIo }> {
  return { target: await targetAt({ https: device.port }, { credentials: [admin], ...more }), io: realIo() };
}

async function inUse(answers: Readonly<Record<string, Answer>>, options: RoomOptions = {}): Promise<InUse> {
  const device = await room(answers, options);
  const seen = await seeVideo("video-os", await placeOf(device), never);
  expect(device.sessions()).toBe(0);
  return seen.ok ? seen.value.inUse : { state: "unknown", reason: `failed: ${seen.fault.kind}` };
}

test("seeVideo(): one session, asked one after the other, closed [video 2.1.1] [video 2.1.6] [video 2.1.8]", async () => {
  const device = await room(X50);
  const seen = await seeVideo("video-os", await placeOf(device), never);
  expect(seen).toMatchObject({ ok: true, value: { inUse: { state: "idle" }, faults: [], certificate: { commonName: "00e0dbaabbcc" } } });
  expect([device.opened(), device.sessions(), device.mostAtOnce()]).toEqual([1, 0, 1]);
  expect(device.asked).toEqual(["system", "conferences", "system/mode", "system/mode/device", "cameras/contentstatus"]);
});

test("seeVideo(): the session is closed where the system answers nonsense, and where the caller stops [video 2.1.8]", async () => {
  const odd = await room({ system: text("<html>") });
  expect(await seeVideo("video-os", await placeOf(odd), never)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  const stop = new AbortController();
  const stopped = await room({
    ...X50,
    conferences: () => {
      stop.abort();
      return [];
    },
  });
  expect(await seeVideo("video-os", await placeOf(stopped), stop.signal)).toMatchObject({
    ok: true,
    value: { inUse: { state: "unknown" } },
  });
  expect([odd.opened(), odd.sessions(), stopped.opened(), stopped.sessions()]).toEqual([1, 0, 1, 0]);
});

test("seeVideo(): several visits at once open one session at a time", async () => {
  let most = 0;
  const device: Room = await room({
    ...X50,
    system: (request) => {
      most = Math.max(most, device.sessions());
      return typeof X50["system"] === "function" ? X50["system"](request) : undefined;
    },
  });
  const place = await placeOf(device);
  await Promise.all([1, 2, 3].map(() => seeVideo("video-os", place, never)));
  expect([most, device.opened(), device.sessions()]).toEqual([1, 3, 0]);
});

test("seeVideo(): busy with a call, by the list or by the system's own state [video 2.4.4]", async () => {
  const call = [{ id: "0", isActive: true, connections: [{ state: "CONNECTED" }] }];
  expect(await inUse({ ...X50, conferences: json(call) })).toEqual({ state: "busy", reason: "call CONNECTED" });
  expect(await inUse({ ...X50, system: json({ model: "StudioX50", state: "IN_CALL" }) })).toMatchObject({ state: "busy" });
  expect(await inUse({ ...X50, system: json({ model: "StudioX50", state: "in_call" }), conferences: text("?") })).toMatchObject({
    state: "busy",
  });
});

test("seeVideo(): asleep is not in a call [video 2.2.1] [video 2.4.7]", async () => {
  expect(await inUse({ ...X50, system: json({ model: "StudioX50", state: "ASLEEP" }) })).toEqual({ state: "idle" });
});

test("seeVideo(): calls or mode that cannot be read are unknown, never idle", async () => {
  const unread: readonly Readonly<Record<string, Answer>>[] = [
    { conferences: { status: 404 } },
    { conferences: text("CONTENT_IDLE") },
    { conferences: { status: 500 } },
    { "system/mode": json({}) },
    { "system/mode": { status: 500 } },
    { "system/mode/device": json({}) },
  ];
  for (const answers of unread) expect([answers, await inUse({ ...X50, ...answers })]).toMatchObject([answers, { state: "unknown" }]);
});

test("seeVideo(): in a partner's mode the empty list says nothing [video 2.4.5]", async () => {
  expect(await inUse({ ...X50, "system/mode": json({ activePersona: "TEAMS" }) })).toMatchObject({
    state: "unknown",
    reason: expect.stringContaining("TEAMS"),
  });
  expect(await inUse({ ...X50, "system/mode/device": json({ result: true }) })).toMatchObject({
    state: "unknown",
    reason: expect.stringContaining("USB"),
  });
});

test("seeVideo(): a build without modes has none", async () => {
  expect(await inUse(GROUP)).toEqual({ state: "idle" });
});

test("seeVideo(): a session that ends under us is denied without a password's name: it stops nothing [video 2.1.5]", async () => {
  const device = await room(X50, { endsAfter: 1 });
  const place = await placeOf(device);
  const seen = await seeVideo("video-os", place, never);
  expect(seen).toMatchObject({ ok: true, value: { inUse: { state: "unknown" } } });
  expect(place.io.refusals?.snapshot()).toEqual([]);
});

test("seeVideo(): one wrong password a visit: a site may lock the port after two [video 2.1.10]", async () => {
  const device = await room(X50);
  const place = await placeOf(device, { credentials: [wrong, admin] });
  expect(await seeVideo("video-os", place, never)).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "wrong" } });
  expect(device.requests).toHaveLength(1);
});

test("seeVideo(): after two visits with a wrong password it is not sent again, the next one is", async () => {
  const device = await room(X50);
  const place = await placeOf(device, { credentials: [wrong, admin] });
  const oks: boolean[] = [];
  for (let visit = 0; visit < 3; visit++) oks.push((await seeVideo("video-os", place, never)).ok);
  expect(oks).toEqual([false, false, true]);
});

test("seeVideo(): a refused first form counts, so a build that refuses both forms is left alone after one visit", async () => {
  const device = await room(X50, { login: () => ({ status: 400, body: '{"success":false,"reason":"SessionRequestInvalid"}' }) });
  const place = await placeOf(device);
  for (let visit = 0; visit < 3; visit++) await seeVideo("video-os", place, never);
  expect(device.requests.map(({ path }) => path)).toEqual(["/rest/session", "/rest/session"]);
});

test("seeVideo(): a build that wants an action is served, and its password counts as good [video 2.1.1]", async () => {
  const device = await room(X50, {
    login: (body) => (body.includes('"action":"Login"') ? undefined : { status: 400, body: '{"reason":"SessionRequestInvalid"}' }),
  });
  const place = await placeOf(device);
  expect((await seeVideo("video-os", place, never)).ok).toBe(true);
  expect(place.io.refusals?.snapshot()).toEqual([]);
});

test("seeVideo(): a locked port and a session of somebody else are told apart from a wrong password [video 2.1.4]", async () => {
  const refusing = (reason: string): Promise<Room> =>
    room(X50, { login: () => ({ status: 412, body: JSON.stringify({ success: false, reason }) }) });
  const answer = async (reason: string): Promise<unknown> => {
    const place = await placeOf(await refusing(reason));
    const seen = await seeVideo("video-os", place, never);
    expect(place.io.refusals?.snapshot()).toEqual([]);
    return seen;
  };
  expect(await answer("SessionPortLockout")).toMatchObject({ ok: false, fault: { kind: "lockedOut", retryAfterMs: 60_000 } });
  expect(await answer("SessionAlreadyActive")).toMatchObject({ ok: false, fault: { kind: "busy" } });
});

test("seeVideo(): in a partner's mode the calendar may say that the room is in a call, never that it is free [video 2.4.5]", async () => {
  const teams = { ...X50, "system/mode": json({ activePersona: "TEAMS" }) };
  expect(await inUse({ ...teams, "calendar/meetings?number=1": json([{ subject: "x", inCall: true }]) })).toMatchObject({ state: "busy" });
  expect(await inUse({ ...teams, "calendar/meetings?number=1": json([{ inCall: false }]) })).toMatchObject({ state: "unknown" });
  expect(await inUse({ ...teams, "calendar/meetings?number=1": text("<html>") })).toMatchObject({ state: "unknown" });
});

test("seeVideo(): slides shown to the room without a call are not idle; a bare word is read as it comes [video 2.5.4]", async () => {
  expect(await inUse({ ...X50, "cameras/contentstatus": text("CONTENT_IDLE") })).toEqual({ state: "idle" });
  expect(await inUse({ ...X50, "cameras/contentstatus": text("CONTENT_SENDING") })).toMatchObject({ state: "unknown" });
  expect(await inUse({ ...X50, "cameras/contentstatus": text("<html>") })).toEqual({ state: "idle" });
});

test("seeVideo(): below /rest/, over HTTPS, whatever certificate the device made for itself [video 2.1]", async () => {
  const device = await room(X50);
  const place = await placeOf(device);
  expect((await seeVideo("video-os", place, never)).ok).toBe(true);
  expect(device.requests.every(({ path }) => path.startsWith("/rest/"))).toBe(true);
});

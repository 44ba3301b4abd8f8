import { expect, test } from "vitest";
import type { CoupledPart } from "../../../protocols/core/device.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { FamilyIo, Target, UpdateCourse, UpdateOrder, UpdateServerRecipe, UpdateSight } from "../../../protocols/families/family.ts";
import { groupUpdate, needsKey } from "../../../protocols/families/group-update.ts";
import { videoOsUpdate } from "../../../protocols/families/video-os-update.ts";
import { endOf, FAIL_AFTER_MS, judgeVideoUpdate } from "../../../protocols/families/video-update.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import type { SeenRequest } from "../../support/https-device.ts";
import { PASSWORD as SSH_PASSWORD, startSsh } from "../ssh/server.ts";
import { type Answer, fakeSsh, never, realIo } from "./kit.ts";
import { GROUP, json, type Room, room, X50 } from "./room.ts";

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };
const KEY = "KA2E-1111-2222-0000-0001";
const ORDER: UpdateOrder = { version: "4.2.0-387310", source: "https://updates.example/fw", window: { start: "23:00", hours: 4 } };
const START_MS = 1_000_000;
const mac = parseMac("00e0dbaabbdd");

const panel = (version: string, connected = true): CoupledPart => ({
  model: "TC8",
  ...(mac === undefined ? {} : { mac }),
  version,
  connected,
});
const course: UpdateCourse = { from: "4.1.0-380000", wanted: "4.2.0-387310", partsBefore: [], startedAtMs: START_MS };
const done: UpdateSight = { running: "4.2.0-387310", rebootNeeded: false };

/** What `config` on the wire knows; writes change it. */
interface Settings {
  readonly values: Map<string, string>;
  readonly writes: string[][];
  readonly answer: Answer;
}

function settings(known: Readonly<Record<string, string>>, refuses: readonly string[] = [], rebootNeeded = false): Settings {
  const values = new Map(Object.entries(known));
  const writes: string[][] = [];
  const answer = (request: SeenRequest): unknown => {
    const asked = JSON.parse(request.body) as { names?: string[]; vars?: { name: string; value: string }[] };
    if (asked.vars !== undefined) {
      writes.push(asked.vars.map(({ name }) => name));
      for (const { name, value } of asked.vars) if (!refuses.includes(name)) values.set(name, value);
      return { vars: asked.vars.map(({ name }) => ({ name, result: refuses.includes(name) ? "VALUEERROR" : "NOERROR" })), rebootNeeded };
    }
    return {
      vars: (asked.names ?? []).map((name) =>
        values.has(name) ? { name, value: values.get(name), result: "NOERROR", isEditable: true } : { name, result: "NAMEERROR" },
      ),
    };
  };
  return { values, writes, answer };
}

const VIDEO_OS = {
  "upgrade.auto.enable": "true",
  "upgrade.auto.server.type": "prov_server",
  "upgrade.auto.server.address": "",
  "upgrade.auto.polling.interval": "3600",
  "upgrade.auto.timeFrame.enable": "true",
  "upgrade.auto.timeFrame.startTime": "01:00",
  "upgrade.auto.timeFrame.stopTime": "05:00",
};
const ON_GROUP = {
  "softupdate.url": "polycom",
  "softupdate.maintwindow.enabled": "True",
  "softupdate.maintwindow.starttime": "00:00",
  "softupdate.maintwindow.duration": "2_hr",
  "softupdate.softwareupdatekey": "",
};

async function placeOf(device: Room): Promise<{ target: Target; io: FamilyIo }> {
  return { target: await targetAt({ https: device.port }, { credentials: [admin] }), io: realIo() };
}

/** All steps in their order, until one is not taken: what each said. */
async function runSteps(recipe: UpdateServerRecipe, order: UpdateOrder, device: Room): Promise<string[]> {
  const { target, io } = await placeOf(device);
  const said: string[] = [];
  for (const step of recipe.steps) {
    const sent = await step.send(target, order, io, never);
    said.push(`${step.id}: ${sent.ok ? sent.value.said : sent.fault.kind}`);
    if (!sent.ok) break;
  }
  expect(device.sessions()).toBe(0);
  return said;
}

test("videoOsUpdate: window first, then source, in the device's own names, and the same again changes nothing [video 3.5] [video 2.5.8]", async () => {
  const wire = settings(VIDEO_OS);
  const device = await room({ ...X50, "POST config": wire.answer });
  expect((await runSteps(videoOsUpdate, ORDER, device)).map((line) => line.split(":")[0])).toEqual([
    "rebootFirst",
    "updateWindow",
    "updateSource",
  ]);
  expect(Object.fromEntries(wire.values)).toEqual({
    "upgrade.auto.enable": "true",
    "upgrade.auto.server.type": "user_defined_server",
    "upgrade.auto.server.address": "https://updates.example/fw",
    "upgrade.auto.timeFrame.enable": "true",
    "upgrade.auto.timeFrame.startTime": "23:00",
    "upgrade.auto.timeFrame.stopTime": "03:00",
    "upgrade.auto.polling.interval": "300",
  });
  expect(wire.writes[0]?.[0]).toContain("timeFrame");
  const writes = wire.writes.length;
  expect((await runSteps(videoOsUpdate, ORDER, device)).slice(1)).toEqual(["updateWindow: set already", "updateSource: set already"]);
  expect(wire.writes).toHaveLength(writes);
});

test("videoOsUpdate: a name the device does not know on the wire is never written [video 2.5.18]", async () => {
  const { "upgrade.auto.timeFrame.stopTime": _, ...fewer } = VIDEO_OS;
  const wire = settings(fewer);
  expect(await runSteps(videoOsUpdate, ORDER, await room({ ...X50, "POST config": wire.answer }))).toEqual([
    "rebootFirst: no reboot needed",
    "updateWindow: off",
  ]);
  expect(wire.writes).toEqual([]);
});

test("videoOsUpdate: a value that is not taken is a refusal, and the steps end there", async () => {
  const wire = settings(VIDEO_OS, ["upgrade.auto.timeFrame.startTime"]);
  expect((await runSteps(videoOsUpdate, ORDER, await room({ ...X50, "POST config": wire.answer }))).at(-1)).toBe("updateWindow: refused");
  expect(wire.values.get("upgrade.auto.server.type")).toBe("prov_server");
});

test("videoOsUpdate: nothing tells it to ask at once: it is waited for", () => {
  expect(videoOsUpdate.triggers).toEqual([]);
  expect(videoOsUpdate.reactMs).toBeGreaterThan(HOUR);
});

test("groupUpdate: key, window and source in the names of its settings [video 4.1.1] [video 4.1.2]", async () => {
  const wire = settings(ON_GROUP, [], true);
  const device = await room({ ...GROUP, "POST config": wire.answer });
  const order = { ...ORDER, keyCode: new Secret(KEY), window: { start: "00:30", hours: 2 } };
  const said = await runSteps(groupUpdate, order, device);
  expect(Object.fromEntries(wire.values)).toEqual({
    "softupdate.url": "https://updates.example/fw",
    "softupdate.maintwindow.enabled": "True",
    "softupdate.maintwindow.starttime": "00:30",
    "softupdate.maintwindow.duration": "2_hr",
    "softupdate.softwareupdatekey": KEY,
  });
  expect(said.at(-1)).toBe("updateSource: set softupdate.url; it asks for a reboot");
  expect(said.join()).not.toContain("KA2E");
});

test("groupUpdate: a new major release lacks its key until there is one; a point release needs none [video 4.1.2] [video 4.1.3]", () => {
  const facts = { running: { application: "5.1.0-1" }, serial: "8213AAAABBCCCV" };
  const order = { ...ORDER, version: "6.2.2.8-670021" };
  expect(groupUpdate.lacks(order, facts)).toBe("a key code for 6.x, made from its serial number 8213AAAABBCCCV");
  const keyed = { ...order, keyCode: new Secret(KEY) };
  expect(groupUpdate.lacks(keyed, facts)).toBeUndefined();
  expect(JSON.stringify(keyed)).not.toContain("KA2E");
  expect(groupUpdate.lacks(order, { ...facts, running: { application: "6.1.0-1" } })).toBeUndefined();
  expect([needsKey("6.1.0", "6.2.2.8"), needsKey("5.1.0", "6.0.0")]).toEqual([false, true]);
});

test("lacks(): a version with a tag is not updated over, nor to [video 1a.8]", () => {
  for (const recipe of [videoOsUpdate, groupUpdate]) {
    expect(recipe.lacks(ORDER, { running: { application: "2.5.0.8_ne-4035" } })).toContain("running version");
    expect(recipe.lacks({ ...ORDER, version: "4.2.0_x-1" }, { running: { application: "4.1.0-1" } })).toContain("wanted version");
    expect(recipe.lacks(ORDER, {})).toContain("running version");
  }
});

test("groupUpdate: its command line is told to poll, once, and an answer is only an answer [video 4.2.40] [video 4.2.41] [video 4.2.32]", async () => {
  expect(groupUpdate.triggers.map(({ id, waitsForCalls }) => [id, waitsForCalls])).toEqual([["poll", false]]);
  const poll = groupUpdate.triggers[0];
  const version = 'version "Release - 6.2.2.8-670021"\r\r\n';
  const ssh = fakeSsh({ version, provisionserverupdate: "provisionserverupdate\r\r\nprovisionserverupdate success\r\r\n" });
  expect(await poll?.send(await targetAt({}), { ...realIo(), ssh }, never)).toMatchObject({ ok: true });
  expect(ssh.asked).toEqual(["provisionserverupdate", "version"]);
  expect(await poll?.send(await targetAt({}), { ...realIo(), ssh: fakeSsh({ version }) }, never)).toMatchObject({
    fault: { kind: "refused" },
  });
});

test("groupUpdate: a unit that says nothing to it and answers the next question has taken it; one that is gone has not surely", async () => {
  const poll = groupUpdate.triggers[0];
  const talking = await startSsh({
    answer: (command, channel) => void (command === "version" ? channel.write('version "6.2.2.8-670021"\r\r\n') : channel.write("-> ")),
  });
  const gone = await startSsh({ answer: (_command, channel) => channel.close() });
  const remote: Credential = { ...admin, password: new Secret(SSH_PASSWORD) };
  const sent = async (port: number) => poll?.send(await targetAt({ ssh: port }, { credentials: [remote] }), realIo(), never);
  expect(await sent(talking.target.port)).toMatchObject({ ok: true });
  expect(await sent(gone.target.port)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(talking.commands.filter((command) => command === "provisionserverupdate")).toHaveLength(1);
});

const waiting = {
  ...X50,
  system: json({ model: "StudioX50", softwareVersion: "4.1.0", build: "380000", state: "READY", rebootNeeded: true }),
};

test("rebootFirst: a pending reboot is given before an update, and the steps begin again later [video 2.5.13] [video 2.2.2]", async () => {
  const device = await room({ ...waiting, "POST system/reboot": json({ success: true }) });
  expect(await runSteps(videoOsUpdate, ORDER, device)).toEqual(["rebootFirst: busy"]);
  expect(device.requests.find(({ path }) => path.endsWith("system/reboot"))?.body).toBe('{"action":"reboot"}');
});

test("rebootFirst: a reboot waits for no call, so a room in use or unreadable gets none [video 2.5.13]", async () => {
  const call = json([{ id: "0", isActive: true, connections: [{ state: "CONNECTED" }] }]);
  for (const conferences of [call, json("?")]) {
    const device = await room({ ...waiting, conferences, "POST system/reboot": json({ success: true }) });
    expect(await runSteps(videoOsUpdate, ORDER, device)).toEqual(["rebootFirst: refused"]);
    expect(device.asked).not.toContain("POST system/reboot");
  }
});

test("endOf(): a window may pass midnight; what is no part of a day is none", () => {
  expect([endOf({ start: "23:30", hours: 4 }), endOf({ start: "01:00", hours: 4 })]).toEqual(["03:30", "05:00"]);
  for (const window of [
    { start: "24:00", hours: 1 },
    { start: "1:00", hours: 1 },
    { start: "01:00", hours: 0 },
    { start: "01:00", hours: 24 },
  ]) {
    expect(endOf(window)).toBeUndefined();
  }
});

const CASES: readonly (readonly [what: string, sight: UpdateSight | undefined, waitsFor: string | undefined])[] = [
  ["silence", undefined, "it to answer again"],
  ["a version it does not state", {}, "its version"],
  ["the old version", { running: "4.1.0-380000", rebootNeeded: false }, "the new version"],
  ["the new version with another build", { running: "4.2.0-387000", rebootNeeded: false }, "the new version"],
  ["the new version without a build", { running: "4.2.0", rebootNeeded: false }, "the new version"],
  ["a reboot still to come", { ...done, rebootNeeded: true }, "a reboot that its settings ask for"],
  ["version, build and no reboot", done, undefined],
  ["a system that does not tell of reboots", { running: "4.2.0-387310" }, undefined],
];

test.each(CASES)("judgeVideoUpdate(): %s [video 2.5.17]", (_what, sight, waitsFor) => {
  const expected = waitsFor === undefined ? { at: "succeeded" } : { at: "waiting", waitsFor };
  // A reboot alone takes about 200 s until REST answers.
  for (const afterMs of [200 * SECOND, 30 * MINUTE, FAIL_AFTER_MS - 1]) {
    expect(judgeVideoUpdate(course, sight, START_MS + afterMs)).toEqual(expected);
  }
});

test("judgeVideoUpdate(): after its time it has failed, and says of what", () => {
  const fault = (sight: UpdateSight | undefined): unknown => {
    const verdict = judgeVideoUpdate(course, sight, START_MS + FAIL_AFTER_MS);
    return verdict.at === "failed" ? verdict.fault : verdict.at;
  };
  expect(fault(undefined)).toMatchObject({ kind: "unreachable" });
  expect(fault({ running: "4.1.0-380000" })).toEqual({ kind: "stalled", waitedFor: "the new version" });
  expect(fault({ running: "4.3.0-390000" })).toEqual({ kind: "mismatch", wanted: "4.2.0-387310", found: "4.3.0-390000" });
  expect(fault({ ...done, rebootNeeded: true })).toMatchObject({ kind: "stalled" });
  expect(fault(done)).toBe("succeeded");
});

test("judgeVideoUpdate(): the panels that were there are back and not older before it is over", () => {
  const paired = { ...course, partsBefore: [panel("3.10.0-210644")] };
  const at = (parts: readonly CoupledPart[] | undefined): unknown =>
    judgeVideoUpdate(paired, parts === undefined ? done : { ...done, parts }, START_MS + MINUTE);
  expect(at([panel("3.12.0-220000")])).toEqual({ at: "succeeded" });
  expect(at([panel("3.10.0-210644")])).toEqual({ at: "succeeded" });
  for (const parts of [undefined, [], [panel("3.12.0-220000", false)], [panel("3.9.0-200000")]]) {
    expect(at(parts)).toEqual({ at: "waiting", waitsFor: "its TC8" });
  }
});

test("recipes: in a call look again after 15 minutes, offline after an hour, and 30 to 45 minutes before it has failed [video 4.1.4]", () => {
  for (const { lookAgain, failAfterMs } of [videoOsUpdate, groupUpdate]) {
    expect(lookAgain).toEqual({ busyMs: 15 * MINUTE, silentMs: HOUR });
    expect([failAfterMs >= 30 * MINUTE, failAfterMs <= 45 * MINUTE]).toEqual([true, true]);
  }
});

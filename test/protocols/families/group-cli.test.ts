import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { type CliSeen, callsOf, seeGroupByCli } from "../../../protocols/families/group-cli.ts";
import { createRefusals } from "../../../protocols/families/refusals.ts";
import { targetAt } from "../../support/family-io.ts";
import { fakeSsh, never, realIo, type Transcript } from "./kit.ts";

/** A Group 700 that answers as documented, echo and prompt included. Source: protocols/video.md 4.2. */
const UNIT: Transcript = {
  version: 'version\r\r\nversion "Release - 6.2.2.8-670021"\r\r\n-> ',
  "callinfo all": "callinfo all\r\r\nsystem is not in a call\r\r\n-> ",
  "systemsetting get model": 'systemsetting model "RealPresence Group 700"\r\r\n',
  serialnum: "serialnum 8213AAAABBCCCV\r\r\n",
  "systemname get": 'systemname "Room 700"\r\r\n',
  "uptime get": "1 Hour, 10 Minutes\r\r\n",
};
const BANNER = [
  "Hi, my name is : Room 700",
  "Here is what I know about myself:",
  "Model: RealPresence Group 700",
  "Serial Number: 8213AAAABBCCCV",
  "Software Version: Release - 6.2.1",
  "Build Information: 540239",
  "Contact Number: ",
  "Time In Last Call: 0:00:00",
  "Total Calls: 17",
  "Local Time is: Mon",
  "MP Enabled: KA2E-1111-2222-0000-0001",
  "SNMP Enabled: False",
  "",
].join("\r\r\n");

async function see(transcript: Transcript): Promise<CliSeen> {
  const seen = await seeGroupByCli(await targetAt({}), { ...realIo(), ssh: fakeSsh(transcript) }, never);
  if (!seen.ok) throw new Error(`expected a visit: ${seen.fault.kind}`);
  return seen.value;
}

test("seeGroupByCli(): identity, version, use and uptime; the serial number gives the MAC [video 4.2.14] [video 4.2.15] [video 4.2.16] [video 4.2.19]", async () => {
  expect(await see(UNIT)).toEqual({
    facts: {
      family: "group",
      model: "RealPresence Group 700",
      serial: "8213AAAABBCCCV",
      mac: "00e0dbaabbcc",
      name: "Room 700",
      running: { application: "6.2.2.8-670021" },
    },
    inUse: { state: "idle" },
    uptimeSeconds: 4_200,
    hostFingerprint: "SHA256:unit",
    faults: [],
  });
});

test("seeGroupByCli(): a name without quotes is read as it is", async () => {
  expect((await see({ ...UNIT, "systemname get": "systemname get\r\nsystemname TestHDX\r\n" })).facts.name).toBe("TestHDX");
});

test("seeGroupByCli(): the banner in place of an answer, echoes and notifications prove nothing [video 4.2.6] [video 4.2.7]", async () => {
  const noise = `${BANNER}\r\r\nnotification:callstatus:incoming:1:x:y:ringing:0:0:videocall\r\r\ncallinfo all\r\r\n`;
  const seen = await see({
    ...UNIT,
    "callinfo all": `${noise}system is not in a call\r\r\n`,
    version: `${BANNER}\r\r\n${UNIT["version"]}`,
  });
  expect([seen.inUse, seen.facts.running]).toEqual([{ state: "idle" }, { application: "6.2.2.8-670021" }]);
  expect((await see({ ...UNIT, "callinfo all": noise })).inUse.state).toBe("unknown");
});

test("seeGroupByCli(): a call is busy", async () => {
  const list = "callinfo begin\r\r\ncallinfo:36:Somebody:192.168.1.102:256:connected:notmuted:outgoing:videocall\r\r\ncallinfo end\r\r\n";
  expect((await see({ ...UNIT, "callinfo all": list })).inUse).toEqual({ state: "busy", reason: "call connected" });
});

test("seeGroupByCli(): what a unit refuses is absent, and the faults say so", async () => {
  const seen = await see({ version: UNIT["version"] ?? "", "callinfo all": "error: Permission Denied\r\r\n" });
  expect(seen.facts).toEqual({ family: "group", running: { application: "6.2.2.8-670021" } });
  expect(seen.inUse).toMatchObject({ state: "unknown", reason: expect.stringContaining("Permission Denied") });
  expect(seen).not.toHaveProperty("uptimeSeconds");
  expect(seen.faults.map(({ kind }) => kind)).toEqual(Array(5).fill("refused"));
});

test("seeGroupByCli(): once the connection is gone nothing more is asked, and that is said once", async () => {
  const gone: Fault = { kind: "unreachable", via: "ssh", detail: "the connection closed" };
  const ssh = fakeSsh({ ...UNIT, "callinfo all": gone });
  const seen = await seeGroupByCli(await targetAt({}), { ...realIo(), ssh }, never);
  expect(seen).toMatchObject({ ok: true, value: { inUse: { state: "unknown" }, faults: [gone] } });
  expect(ssh.asked).toEqual(["version", "callinfo all"]);
});

test("seeGroupByCli(): a unit that does not state its version is not known to be one", async () => {
  const io = { ...realIo(), ssh: fakeSsh({ ...UNIT, version: "error: command not found\r\n" }) };
  expect(await seeGroupByCli(await targetAt({}), io, never)).toMatchObject({ ok: false, fault: { kind: "refused" } });
});

test("seeGroupByCli(): the unit gets at least 200 ms between commands, the call state first after the version [video 4.2.10]", async () => {
  const ssh = fakeSsh(UNIT);
  await seeGroupByCli(await targetAt({}), { ...realIo(), ssh }, never);
  expect(ssh.targets[0]?.paceMs).toBeGreaterThanOrEqual(200);
  expect(ssh.asked.slice(0, 2)).toEqual(["version", "callinfo all"]);
});

test("seeGroupByCli(): a pinned unit is asked with its host key, SHA-1 allowed for it alone [video 4.2.2]", async () => {
  const ssh = fakeSsh(UNIT);
  const pinned: Partial<Target> = { trust: "pin", pins: { sshFingerprint: "SHA256:known" } };
  await seeGroupByCli(await targetAt({ ssh: 2222 }, pinned), { ...realIo(), ssh }, never);
  expect(ssh.targets).toEqual([
    { address: "127.0.0.1", port: 2222, trust: "pin", hostFingerprint: "SHA256:known", profile: "legacyRsaSha1", paceMs: 200 },
  ]);
});

test("seeGroupByCli(): one refusal a visit, two in all", async () => {
  const ssh = fakeSsh(UNIT, { kind: "denied", via: "ssh", credentialId: "site" });
  const refusals = createRefusals();
  const mac = parseMac("00e0dbaabbcc");
  const target = await targetAt({}, mac === undefined ? {} : { expectMac: mac });
  for (let visit = 0; visit < 4; visit++) await seeGroupByCli(target, { ...realIo(), ssh, refusals }, never);
  expect(ssh.targets).toHaveLength(2);
  expect(refusals.isStopped("00e0dbaabbcc", "site")).toBe(true);
});

test("callsOf(): the state is found from the right: names may be missing, numbers may hold colons [video 4.2.29]", () => {
  const tail = "256:connected:notmuted:outgoing:videocall";
  for (const head of ["callinfo:36:Room:192.168.1.102", "callinfo:36:192.168.1.102", "callinfo:36::a@b", "callinfo:36:Room:2001:db8::1"]) {
    expect([head, callsOf([`${head}:${tail}`])]).toEqual([head, { state: "busy", reason: "call connected" }]);
  }
});

test("callsOf(): the end on the same line as the last call is no part of it [video 5.4]", () => {
  const line = "callinfo:1:Room:10:512:ringing:notmuted:incoming:videocall callinfo end";
  expect(callsOf([line])).toEqual({ state: "busy", reason: "call ringing" });
});

test("callsOf(): any call line is busy, even one that says it is over [video 4.2.30]", () => {
  expect(callsOf(["callinfo:1:Room:10:512:disconnecting:notmuted:incoming:videocall", "system is not in a call"]).state).toBe("busy");
  expect(callsOf(["callinfo:"]).state).toBe("busy");
});

test("callsOf(): no call line and no word that there is none is unknown", () => {
  for (const lines of [[], ["callinfo begin", "callinfo end"], ["mute near off"]]) expect(callsOf(lines).state).toBe("unknown");
});

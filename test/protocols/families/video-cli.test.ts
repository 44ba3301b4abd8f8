import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { type Mac, parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { createPins } from "../../../protocols/families/pins.ts";
import { createRefusals } from "../../../protocols/families/refusals.ts";
import { type CliSeen, seeGroupByCli } from "../../../protocols/families/video-cli.ts";
import { targetAt } from "../../support/family-io.ts";
import { OTHER_KEY, PASSWORD as SSH_PASSWORD, startSsh } from "../ssh/server.ts";
import { startTelnet } from "../telnet/server.ts";
import { fakeSsh, never, realIo, type Transcript } from "./kit.ts";

const admin: Credential = { kind: "password", id: "site", user: "admin", password: new Secret(SSH_PASSWORD) };

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
  if (!seen.ok) throw new Error(`expected a visit: ${JSON.stringify(seen.fault)}`);
  return seen.value;
}

test("seeGroupByCli(): identity, version, use and uptime; the serial number gives the MAC [video 4.2.14] [video 4.2.15] [video 4.2.16] [video 4.2.19] [video 4.2.5]", async () => {
  expect(await see(UNIT)).toEqual({
    via: "ssh",
    offline: [],
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
  expect(await seeGroupByCli(await targetAt({}), io, never)).toMatchObject({ ok: false, fault: [{ kind: "refused" }] });
});

test("seeGroupByCli(): the unit gets at least 200 ms between commands, the call state first after the version [video 4.2.10]", async () => {
  const ssh = fakeSsh(UNIT);
  await seeGroupByCli(await targetAt({}), { ...realIo(), ssh }, never);
  expect(ssh.targets[0]?.paceMs).toBeGreaterThanOrEqual(200);
  expect(ssh.asked.slice(0, 2)).toEqual(["version", "callinfo all"]);
});

test("seeGroupByCli(): a pinned unit is asked with its host key, modern algorithms first", async () => {
  const ssh = fakeSsh(UNIT);
  const pinned: Partial<Target> = { trust: "pin", pins: { sshFingerprint: "SHA256:known" } };
  await seeGroupByCli(await targetAt({ ssh: 2222 }, pinned), { ...realIo(), ssh }, never);
  expect(ssh.targets).toEqual([
    { address: "127.0.0.1", port: 2222, trust: "pin", hostFingerprint: "SHA256:known", profile: "modern", paceMs: 200 },
  ]);
});

test("seeGroupByCli(): one refusal a visit, two in all: a site may lock the door [video 4.2.11]", async () => {
  const ssh = fakeSsh(UNIT, { kind: "denied", via: "ssh", credentialId: "site" });
  const refusals = createRefusals();
  const mac = parseMac("00e0dbaabbcc");
  const target = await targetAt({}, mac === undefined ? {} : { expectMac: mac });
  for (let visit = 0; visit < 4; visit++) await seeGroupByCli(target, { ...realIo(), ssh, refusals }, never);
  expect(ssh.targets).toHaveLength(2);
  expect(refusals.isStopped("00e0dbaabbcc", "site")).toBe(true);
});

/** A unit over a real connection; `says` changes single answers. */
function unit(says: Partial<Record<string, string>> = {}): (command: string) => string {
  const answers: Partial<Record<string, string>> = { ...UNIT, ...says } as Partial<Record<string, string>>;
  return (command) => answers[command] ?? "error: command not found\r\r\n-> ";
}

test("seeGroupByCli(): over SSH as a unit speaks: late echo, doubled line ends, banner in between, an answer one exchange late [video 4.2.5] [video 4.2.7] [video 4.2.28]", async () => {
  const say = unit({ "callinfo all": `${BANNER}\r\r\nnotification:mutestatus:near:on\r\r\nsystem is not in a call\r\r\n-> ` });
  let late = "";
  const server = await startSsh({
    answer: (command, channel) => {
      // The serial number comes only with the next exchange.
      const text = say(command);
      const now = command === "serialnum" && late === "" ? "" : text;
      channel.write(`${late}${command}\r\r\n${now}`);
      late = now === "" ? text : "";
    },
  });
  const target = await targetAt({ ssh: server.target.port }, { credentials: [admin] });
  const seen = await seeGroupByCli(target, realIo(), never);
  expect(seen).toMatchObject({
    ok: true,
    value: { via: "ssh", inUse: { state: "idle" }, facts: { serial: "8213AAAABBCCCV" }, faults: [], hostFingerprint: server.fingerprint },
  });
});

const OLD = { kex: ["diffie-hellman-group14-sha1"], cipher: ["aes128-cbc"], hmac: ["hmac-sha1"] } as const;

test("seeGroupByCli(): old algorithms only for a unit that offers nothing better [video 4.2.2]", async () => {
  const server = await startSsh({
    algorithms: { kex: [...OLD.kex], cipher: [...OLD.cipher], hmac: [...OLD.hmac] },
    answer: (command, channel) => void channel.write(unit()(command)),
  });
  const target = await targetAt({ ssh: server.target.port }, { credentials: [admin] });
  const seen = await seeGroupByCli(target, realIo(), never);
  expect(seen).toMatchObject({ ok: true, value: { facts: { model: "RealPresence Group 700" } } });
  expect(server.attempts.filter((attempt) => attempt.startsWith("password"))).toHaveLength(1);
});

test("seeGroupByCli(): a unit that breaks off a handshake it could have ended is given no weaker one", async () => {
  const offers = { kex: ["curve25519-sha256"], hostKey: ["ssh-ed25519"], cipher: ["aes128-ctr"], mac: ["hmac-sha2-256"] };
  const garbled: Fault = { kind: "garbled", via: "ssh", wanted: "an SSH handshake" };
  const ssh = { ...fakeSsh(UNIT, garbled), offer: async () => ({ ok: true as const, value: offers }) };
  expect(await seeGroupByCli(await targetAt({}), { ...realIo(), ssh }, never)).toMatchObject({ ok: false, fault: [garbled] });
  expect(ssh.targets.map(({ profile }) => profile)).toEqual(["modern"]);
});

test("seeGroupByCli(): a changed host key stops before the password leaves, with either profile", async () => {
  for (const algorithms of [undefined, { kex: [...OLD.kex], cipher: [...OLD.cipher], hmac: [...OLD.hmac] }]) {
    const server = await startSsh(algorithms === undefined ? {} : { algorithms });
    const pins = { trust: "pin" as const, pins: { sshFingerprint: "SHA256:another" }, telnet: true };
    const target = await targetAt({ ssh: server.target.port }, { credentials: [admin], ...pins });
    expect(await seeGroupByCli(target, realIo(), never)).toMatchObject({ ok: false, fault: [{ kind: "impostor", via: "ssh" }] });
    expect(server.attempts.filter((attempt) => attempt.includes("password"))).toEqual([]);
  }
});

test("seeGroupByCli(): the host key of the first visit is kept; whoever shows another one gets no password", async () => {
  const pins = createPins();
  const mac = parseMac("00e0dbaabbcc") as Mac;
  const io = { ...realIo(), pins };
  const visit = async (port: number) => {
    const more = { credentials: [admin], expectMac: mac, trust: "first", pins: pins.of(mac), telnet: true } as const;
    return seeGroupByCli(await targetAt({ ssh: port }, more), io, never);
  };
  const own = await startSsh({ answer: (command, channel) => void channel.write(unit()(command)) });
  const impostor = await startSsh({ hostKey: OTHER_KEY, answer: (command, channel) => void channel.write(unit()(command)) });
  expect(await visit(own.target.port)).toMatchObject({ ok: true });
  expect(pins.of(mac)).toEqual({ sshFingerprint: own.fingerprint });
  expect(await visit(impostor.target.port)).toMatchObject({ ok: false, fault: [{ kind: "impostor", found: impostor.fingerprint }] });
  expect(impostor.attempts.filter((attempt) => attempt.includes("password"))).toEqual([]);
  expect(await visit(own.target.port)).toMatchObject({ ok: true });
});

test("seeGroupByCli(): telnet where SSH is not there and a person allowed it, and only then [video 4.2.3] [video 4.2.1]", async () => {
  const server = await startTelnet({
    welcome: `\r\n${BANNER}\r\n-> `,
    answer: (command, socket) => void socket.write(`${command}\r\n${unit()(command)}`),
  });
  const remote: Credential = { kind: "password", id: "remote", user: "admin", password: new Secret("remote-pass") };
  const ports = { telnet: server.port };
  const seen = await seeGroupByCli(await targetAt(ports, { credentials: [remote], telnet: true }), realIo(), never);
  expect(seen).toMatchObject({ ok: true, value: { via: "telnet", inUse: { state: "idle" }, facts: { mac: "00e0dbaabbcc" } } });
  expect(seen.ok && seen.value.hostFingerprint).toBeUndefined();
  expect(server.lines[0]).toBe("remote-pass");
  const pinned = { trust: "pin" as const, pins: { sshFingerprint: "SHA256:unit" }, telnet: true };
  for (const more of [{}, { telnet: false }, pinned]) {
    const target = await targetAt(ports, { credentials: [remote], ...more });
    expect(await seeGroupByCli(target, realIo(), never)).toMatchObject({ ok: false, fault: [{ kind: "unreachable", via: "ssh" }] });
  }
  expect(server.connections).toHaveLength(1);
});

test("seeGroupByCli(): a password refused by SSH is not tried over telnet", async () => {
  const server = await startTelnet();
  const ssh = fakeSsh(UNIT, { kind: "denied", via: "ssh", credentialId: "site" });
  const target = await targetAt({ telnet: server.port }, { telnet: true });
  expect(await seeGroupByCli(target, { ...realIo(), ssh }, never)).toMatchObject({ ok: false, fault: [{ kind: "denied", via: "ssh" }] });
  expect(server.connections).toHaveLength(0);
});

test("seeGroupByCli(): getcallstate makes busy what the call list did not show", async () => {
  const seen = await see({ ...UNIT, getcallstate: "cs: call[5] speed[1024] dialstr[x] state[connected]\r\r\ncs: call[1] inactive\r\r\n" });
  expect(seen.inUse).toEqual({ state: "busy", reason: "call connected" });
});

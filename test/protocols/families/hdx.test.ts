import { expect, test } from "vitest";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { hdx } from "../../../protocols/families/hdx.ts";
import { HDX_OBJECTS } from "../../../protocols/families/hdx-snmp.ts";
import { SYSTEM } from "../../../protocols/snmp/oids.ts";
import { PASSWORD, targetAt } from "../../support/family-io.ts";
import { honest, int, octets, oid, startHonest } from "../snmp/agent.ts";
import { startTelnet } from "../telnet/server.ts";
import { hdxDevice, RESULTS } from "./hdx-kit.ts";
import { closeAfter, never, ROOM_CERTIFICATE, realIo, sipPhone } from "./kit.ts";

const AGENT = "Polycom HDX 9006 (Release - 3.0.6-37004)";

test("hdx read(): the version by SIP; use is unknown, and SNMP is not asked without a community [video 1.6]", async () => {
  const phone = await sipPhone(AGENT);
  const read = await hdx.read(await targetAt({ sip: phone.port }, { credentials: [] }), realIo(), never);
  expect(read).toMatchObject({
    facts: { vendor: "Polycom", family: "hdx", model: "HDX 9006", running: { application: "3.0.6-37004" } },
    inUse: { state: "unknown" },
    reading: {},
    faults: [],
  });
});

test("hdx read(): SNMP tells the model where SIP is silent or somebody else's [snmp 1.5] [snmp 3.1]", async () => {
  const table = new Map([
    [SYSTEM.sysDescr, octets('"Polycom HDX 8000 HD"')],
    [SYSTEM.sysObjectID, oid("1.3.6.1.4.1.2684.1.1")],
    [SYSTEM.sysName, octets("Board room")],
  ]);
  const agent = await startHonest((asked) => honest(table, asked));
  closeAfter(() => agent.close());
  const other = await sipPhone("Cisco/SPA504G-7.5.5");
  const target = {
    ...(await targetAt({ snmp: agent.port, sip: other.port })),
    credentials: [{ kind: "community" as const, id: "c", community: new Secret("public") }],
  };
  expect(await hdx.look(target, realIo(), never)).toMatchObject({
    facts: { model: "HDX 8000", family: "hdx", name: "Board room" },
    faults: [],
  });
});

const admin: Credential = { kind: "password", id: "rooms", user: "admin", password: new Secret(PASSWORD) };

test("hdx read(): identity, version and calls from its web interface, quality by SNMP [video 5.1] [video 5.5]", async () => {
  const device = await hdxDevice({ certificate: ROOM_CERTIFICATE });
  const table = new Map([
    [SYSTEM.sysDescr, octets("HDX 9006")],
    [SYSTEM.sysObjectID, oid("1.3.6.1.4.1.2684.1.1")],
    [HDX_OBJECTS.packetLoss, int(2)],
    [HDX_OBJECTS.jitter, int(15)],
  ]);
  const agent = await startHonest((asked) => honest(table, asked));
  closeAfter(() => agent.close());
  const community: Credential = { kind: "community", id: "c", community: new Secret("public") };
  const target = await targetAt({ https: device.port, snmp: agent.port }, { credentials: [admin, community] });
  const read = await hdx.read(target, realIo(), never);
  expect(read).toMatchObject({
    facts: { family: "hdx", model: "HDX 9006", mac: "00e0dbaabbcc", name: "TestHDX", running: { application: "3.1.14-56008" } },
    inUse: { state: "idle" },
    reading: { inCall: 0, uptimeSeconds: 4_200, packetLossRatio: 0.02, jitterSeconds: 0.015 },
    faults: [],
  });
  expect(read.evidence.map(({ what }) => what)).toContain("offline: microphones");
});

test("hdx read(): the command line by telnet where the web is silent and a person allowed it [video 5.3]", async () => {
  const server = await startTelnet({
    answer: (command, socket) => void socket.write(`${command}\r\n${RESULTS[command] ?? "error: command not found"}\r\n-> `),
  });
  const remote: Credential = { kind: "password", id: "remote", user: "admin", password: new Secret("remote-pass") };
  const target = await targetAt({ telnet: server.port }, { credentials: [remote], telnet: true });
  expect(await hdx.look(target, realIo(), never)).toMatchObject({
    facts: { family: "hdx", model: "HDX 9006", serial: "8203AAAABBCCCV", running: { application: "3.1.14-56008" } },
    inUse: { state: "idle" },
    uptimeSeconds: 4_200,
  });
  const shut = await hdx.look({ ...target, telnet: false }, realIo(), never);
  expect([shut.inUse.state, server.connections.length]).toEqual(["unknown", 1]);
});

test("hdx: report only, no update", () => {
  expect(hdx.update).toBeUndefined();
});

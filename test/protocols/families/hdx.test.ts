import { expect, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { hdx } from "../../../protocols/families/hdx.ts";
import { SYSTEM } from "../../../protocols/snmp/oids.ts";
import { targetAt } from "../../support/family-io.ts";
import { honest, octets, oid, startHonest } from "../snmp/agent.ts";
import { closeAfter, never, realIo, sipPhone } from "./kit.ts";

const AGENT = "Polycom HDX 9006 (Release - 3.0.6-37004)";

test("hdx read(): the version by SIP; use is unknown, and SNMP is not asked without a community [video 1.6]", async () => {
  const phone = await sipPhone(AGENT);
  const read = await hdx.read(await targetAt({ sip: phone.port }), realIo(), never);
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

test("hdx: report only, no update", () => {
  expect(hdx.update).toBeUndefined();
});

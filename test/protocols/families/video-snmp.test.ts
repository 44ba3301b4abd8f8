import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { readVideoSnmp, type VideoSnmp } from "../../../protocols/families/video-snmp.ts";
import { ENDPOINT } from "../../../protocols/snmp/oids.ts";
import { fakeSnmp, number, type Recording, text } from "../lldp/fake-snmp.ts";
import { never } from "./kit.ts";

const target = { address: "192.0.2.9", port: 161, access: { version: "2c", community: new Secret("public") } } as const;
const clock = manualClock(5_000);
const FINE: Recording = {
  [ENDPOINT.overallStatus]: number(2),
  [ENDPOINT.activeConferences]: number(0),
  [ENDPOINT.ptcStatus]: number(1),
  [ENDPOINT.ucBoardStatus]: number(1),
  [`${ENDPOINT.microphoneName}.1`]: text("Table microphone"),
  [`${ENDPOINT.microphoneStatus}.1`]: number(2),
  [`${ENDPOINT.cameraStatus}.1`]: number(2),
};

async function seen(recording: Recording, faults: Readonly<Record<string, Fault>> = {}): Promise<VideoSnmp> {
  const read = await readVideoSnmp(target, { snmp: fakeSnmp(recording, faults), clock }, never);
  if (!read.ok) throw new Error(`expected a reading: ${read.fault.kind}`);
  return read.value;
}

test("readVideoSnmp(): no failure and no conference; an absent part reads disabled, which is no fault [snmp 4.1.8] [snmp 4.1.1] [snmp 4.1.7]", async () => {
  const read = await seen(FINE);
  expect(read).toMatchObject({ reading: { componentsFailed: 0, inCall: 0 }, failed: [], inUse: { state: "idle" }, faults: [] });
  expect(read.evidence).toEqual([{ via: "snmp", what: "hardware reports no failure", atMs: 5_000 }]);
});

test("readVideoSnmp(): failed parts are named by their own names, else by kind and row [snmp 4.1.2] [snmp 4.1.3] [snmp 4.1.4] [snmp 4.1.5] [snmp 4.1.6]", async () => {
  const read = await seen({
    ...FINE,
    [`${ENDPOINT.microphoneStatus}.1`]: number(3),
    [`${ENDPOINT.cameraStatus}.2`]: number(3),
    [ENDPOINT.ptcStatus]: number(3),
  });
  expect(read.failed).toEqual(["Table microphone", "camera 2", "touch panel"]);
  expect(read.reading.componentsFailed).toBe(3);
  expect(read.evidence[0]?.what).toContain("Table microphone");
});

test("readVideoSnmp(): an overall failure without a failed part counts as one", async () => {
  expect(await seen({ ...FINE, [ENDPOINT.overallStatus]: number(3) })).toMatchObject({
    failed: ["hardware"],
    reading: { componentsFailed: 1 },
  });
});

test("readVideoSnmp(): conferences are busy and counted [snmp 4.1.7]", async () => {
  const inUse = async (count: number): Promise<unknown> => (await seen({ ...FINE, [ENDPOINT.activeConferences]: number(count) })).inUse;
  expect(await inUse(1)).toEqual({ state: "busy", reason: "1 conference" });
  expect(await inUse(2)).toEqual({ state: "busy", reason: "2 conferences" });
});

test("readVideoSnmp(): conferences that are not told are unknown and no reading", async () => {
  const { [ENDPOINT.activeConferences]: _, ...rest } = FINE;
  const read = await seen(rest);
  expect(read.inUse.state).toBe("unknown");
  expect(read.reading).not.toHaveProperty("inCall");
});

test("readVideoSnmp(): hardware that is not told or read in part is neither zero failures nor said to be well", async () => {
  const { [ENDPOINT.overallStatus]: _, ...rest } = FINE;
  const broken: Fault = { kind: "garbled", via: "snmp", wanted: "a table" };
  for (const read of [await seen(rest), await seen(FINE, { [ENDPOINT.cameraStatus]: broken })]) {
    expect(read.reading).not.toHaveProperty("componentsFailed");
    expect(read.evidence.map(({ what }) => what).join()).not.toContain("no failure");
  }
  expect((await seen(FINE, { [ENDPOINT.cameraStatus]: broken })).faults).toEqual([broken]);
});

test("readVideoSnmp(): an agent without these objects is off; silence is the agent's own fault", async () => {
  expect(await readVideoSnmp(target, { snmp: fakeSnmp({}), clock }, never)).toMatchObject({
    ok: false,
    fault: { kind: "off", via: "snmp" },
  });
  const silent: Fault = { kind: "unreachable", via: "snmp" };
  const snmp = fakeSnmp(FINE, { [ENDPOINT.overallStatus]: silent });
  expect(await readVideoSnmp(target, { snmp, clock }, never)).toEqual({ ok: false, fault: silent });
});

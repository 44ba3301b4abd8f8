import { expect, test } from "vitest";
import { type Fault, fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { dataOf, type Envelope } from "../../../protocols/families/uc-phone-answers.ts";
import { see } from "../../../protocols/families/uc-phone-see.ts";
import type { PhoneVisit } from "../../../protocols/families/uc-phone-visit.ts";

type Script = Readonly<Record<string, Envelope | Fault>>;
const data = (value: unknown): Envelope => ({ code: "2000", data: value });

/** A visit that answers from a script; whatever is not in it is off. */
function visit(script: Script): PhoneVisit & { readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async (path: string): Promise<Result<Envelope>> => {
    asked.push(path);
    const answer = script[path] ?? ({ kind: "off", via: "https" } as const);
    return "kind" in answer ? fail(answer) : ok(answer);
  };
  return { ask, runs: () => undefined, certificate: undefined, asked };
}

const INFO: Script = { "v1/mgmt/device/info": data({ modelnumber: "VVX 411" }) };

test("dataOf(): 2000 is the data, any other code the fault it means, a fault stays itself [uc 3a.2]", () => {
  expect(dataOf(ok(data([1])))).toEqual(ok([1]));
  expect(dataOf(ok({ code: "4001", data: [1] }))).toEqual(fail({ kind: "busy", via: "https" }));
  expect(dataOf(fail({ kind: "busy", via: "https" }))).toEqual(fail({ kind: "busy", via: "https" }));
});

test("see(): without device information there is no answer, and nothing more is asked", async () => {
  const odd = visit({ "v2/mgmt/device/info": data({}) });
  expect(await see(odd)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(odd.asked).toEqual(["v2/mgmt/device/info"]);
});

test("see(): the newest version of each call is asked first, the older only where that is missing [uc 4.3.5]", async () => {
  const full = visit({
    "v2/mgmt/device/info": data({ modelnumber: "Trio 8800" }),
    "v2/webCallControl/callStatus": data([]),
    "v1/mgmt/lineInfo": data([]),
    "v1/mgmt/config/get": data({ "device.baseprofile": { value: "Generic", source: "device" } }),
  });
  expect(await see(full)).toMatchObject({ ok: true, value: { inUse: { state: "idle" }, lines: [], faults: [] } });
  expect(full.asked).toEqual([
    "v2/mgmt/device/info",
    "v2/webCallControl/callStatus",
    "v1/mgmt/config/get",
    "v1/mgmt/lineInfo",
    "v1/mgmt/network/info",
  ]);
  const old = visit({ ...INFO, "v1/webCallControl/callStatus": { code: "4007" } });
  expect(await see(old)).toMatchObject({ ok: true, value: { inUse: { state: "idle" } } });
  expect(old.asked.slice(0, 4)).toEqual([
    "v2/mgmt/device/info",
    "v1/mgmt/device/info",
    "v2/webCallControl/callStatus",
    "v1/webCallControl/callStatus",
  ]);
});

test("see(): a fault that is not a missing call is not papered over by an older version", async () => {
  const calls: Fault = { kind: "garbled", via: "https", wanted: "JSON" };
  const seen = await see(visit({ ...INFO, "v2/webCallControl/callStatus": calls, "v1/webCallControl/callStatus": { code: "4007" } }));
  expect(seen).toMatchObject({ ok: true, value: { inUse: { state: "unknown" }, faults: [calls, { kind: "off" }] } });
});

test("see(): after silence the lines are not asked", async () => {
  const quiet = visit({ ...INFO, "v2/webCallControl/callStatus": { kind: "unreachable", via: "https" } });
  expect(await see(quiet)).toMatchObject({
    ok: true,
    value: { inUse: { state: "unknown" }, lines: undefined, faults: [{ kind: "unreachable" }] },
  });
  expect(quiet.asked).not.toContain("v1/mgmt/lineInfo");
});

test("see(): a call beats what the readiness flags say", async () => {
  const script = {
    "v2/mgmt/device/info": data({ modelnumber: "Trio 8800", readytouse: "False" }),
    "v2/webCallControl/callStatus": data([{ callstate: "Connected" }]),
  };
  expect(await see(visit(script))).toMatchObject({ ok: true, value: { inUse: { state: "busy" } } });
});

const IDLE_TRIO: Script = {
  "v2/mgmt/device/info": data({ modelnumber: "Trio 8800" }),
  "v2/webCallControl/callStatus": data([]),
  "v1/mgmt/lineInfo": data([]),
};
const profile = (value: string): Envelope => data({ "device.baseprofile": { value, source: "device" } });

test("see(): in Teams or Zoom mode an empty list of calls says nothing: unknown, and somebody else manages it [uc 4.3.8]", async () => {
  const teams = await see(
    visit({ ...IDLE_TRIO, "v1/mgmt/config/get": profile("MSTeams"), "v1/mgmt/network/info": data({ provserveraddress: "" }) }),
  );
  expect(teams).toMatchObject({
    value: { inUse: { state: "unknown", reason: expect.stringContaining("Teams") }, info: { facts: { managedBy: "teams" } } },
  });
  const zoom = await see(visit({ ...IDLE_TRIO, "v1/mgmt/config/get": profile("ZoomPhone") }));
  expect(zoom).toMatchObject({ value: { inUse: { state: "unknown" }, info: { facts: { managedBy: "unknown" } } } });
  expect(await see(visit({ ...IDLE_TRIO, "v1/mgmt/config/get": profile("Generic") }))).toMatchObject({
    value: { inUse: { state: "idle" } },
  });
});

test("see(): a CCX that does not tell its profile is not idle for an empty list; a Trio of before there were applications is [uc 4.3.7] [uc 4.3.8]", async () => {
  const ccx: Script = { ...IDLE_TRIO, "v2/mgmt/device/info": data({ modelnumber: "CCX 500" }) };
  const hidden = { inUse: { state: "unknown", reason: expect.stringContaining("application") }, info: { facts: { managedBy: "unknown" } } };
  for (const untold of [{}, { "v1/mgmt/config/get": data({ invalidparams: { "0": "device.baseProfile" } }) }]) {
    expect(await see(visit({ ...ccx, ...untold }))).toMatchObject({ value: { ...hidden, faults: [] } });
    expect(await see(visit({ ...IDLE_TRIO, ...untold }))).toMatchObject({ value: { inUse: { state: "idle" } } });
  }
  expect(await see(visit({ ...ccx, "v1/mgmt/config/get": profile("Generic") }))).toMatchObject({ value: { inUse: { state: "idle" } } });
  const server = data({ provserveraddress: "https://t1.deviceprovisioning.prod01-eu.dm.lens.poly.com" });
  expect(await see(visit({ ...ccx, "v1/mgmt/network/info": server }))).toMatchObject({ value: { info: { facts: { managedBy: "lens" } } } });
});

test("see(): a profile that could not be read hides calls on a Trio too, and is a fault", async () => {
  const refused = await see(visit({ ...IDLE_TRIO, "v1/mgmt/config/get": { code: "4003" } }));
  expect(refused).toMatchObject({ value: { inUse: { state: "unknown" }, faults: [{ kind: "refused" }], lines: [] } });
  const gone = visit({ ...IDLE_TRIO, "v1/mgmt/config/get": { kind: "unreachable", via: "https" } });
  expect(await see(gone)).toMatchObject({ value: { inUse: { state: "unknown" }, faults: [{ kind: "unreachable" }] } });
  expect(gone.asked).not.toContain("v1/mgmt/lineInfo");
});

test("see(): a call of the phone's own is busy in Teams mode too, and Teams manages it all the same", async () => {
  const talking = { ...IDLE_TRIO, "v2/webCallControl/callStatus": data([{ callstate: "Connected" }]) };
  expect(await see(visit({ ...talking, "v1/mgmt/config/get": profile("MSTeams") }))).toMatchObject({
    value: { inUse: { state: "busy" }, info: { facts: { managedBy: "teams" } } },
  });
});

test("see(): a phone that runs no application of others is not asked for one", async () => {
  const vvx = visit({ ...INFO, "v2/webCallControl/callStatus": data([]) });
  await see(vvx);
  expect(vvx.asked).not.toContain("v1/mgmt/config/get");
});

test("see(): who manages it is part of the short visit, because it decides whether it may be touched", async () => {
  const server = data({ provserveraddress: "https://t1.deviceprovisioning.prod01-eu.dm.lens.poly.com", lanportstatus: "active" });
  const seen = await see(visit({ ...INFO, "v2/webCallControl/callStatus": data([]), "v1/mgmt/network/info": server }));
  expect(seen).toMatchObject({ value: { info: { facts: { managedBy: "lens" } }, connection: { by: "lan", active: true } } });
});

test("see(): where lineInfo is missing sipStatus tells the registrations [uc 4.9]", async () => {
  const user = [{ sipaddress: "1001@pbx", events: [{ type: "Register", registrationstate: "Registered" }] }];
  const seen = await see(visit({ ...INFO, "v2/webCallControl/callStatus": data([]), "v1/webCallControl/sipStatus": data({ user }) }));
  expect(seen).toMatchObject({ value: { lines: [{ address: "1001@pbx", registered: true }], faults: [] } });
});

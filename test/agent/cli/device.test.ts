import { expect, test } from "vitest";
import { agent, done, failed, listed, TERMINAL } from "./agent.ts";

const SHOWN = {
  device: {
    ...listed(),
    serial: "8G1",
    inUse: { state: "busy", reason: "in a call" },
    lineList: [{ address: "1001@pbx", registered: true }],
  },
  conditions: [{ kind: "lineDown", severity: "warning", since: "2026-11-22T11:00:00Z" }],
  reading: { at: "2026-11-22T11:59:00Z", values: { mos: 4.1 } },
};

test("device list: a table for people, the count as talk", async () => {
  const ran = await (await agent({ "device.list": done({ devices: [listed(), listed({ name: null, availability: "offline" })] }) })).run(
    ["device", "list"],
    TERMINAL,
  );
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/^STATE +NAME +MODEL/);
  expect(ran.out).toMatch(/● online.*Reception.*1\/2.*14 min ago/);
  expect(ran.out).toContain("d-64167f000001");
  expect(ran.err).toContain("2 devices");
});

test("device list: --plain is tabs without titles, absolute times, and nothing as talk", async () => {
  const ran = await (await agent({ "device.list": done({ devices: [listed()] }) })).run(["device", "list", "--plain"], TERMINAL);
  expect(ran.out.split("\t").slice(0, 3)).toEqual(["online", "Reception", "VVX 450"]);
  expect(ran.out).toContain("2026-11-22T11:46:00Z");
  expect(ran.out.trimEnd().split("\n")).toHaveLength(1);
  expect(ran.err).toBe("");
});

test("device list: --json is the whole answer, --ndjson a document a device", async () => {
  const devices = [listed({ unknownField: 1 }), listed({ id: "d-2" })];
  const site = await agent({ "device.list": done({ devices }) });
  expect((await site.run(["device", "list", "--json"])).json()).toEqual({ schema: "groundswell.devices/1", devices });
  const lines = (await site.run(["device", "list", "--ndjson"])).out.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(devices.map((device) => ({ schema: "groundswell.device-row/1", ...device })));
});

test("device list: an empty site is exit 0 and says how to look; a filter without a match is exit 3", async () => {
  const site = await agent({ "device.list": done({ devices: [] }) });
  const empty = await site.run(["device", "list"]);
  expect([empty.code, empty.out]).toEqual([0, ""]);
  expect(empty.err).toContain("groundswell discover");
  const none = await site.run(["device", "list", "--model", "VVX 999", "--where", "hall"]);
  expect(none.code).toBe(3);
  expect(none.err).toContain("No device matches");
  expect(site.asked.filter(({ name }) => name === "device.list").at(-1)?.args).toEqual({ model: "VVX 999", where: "hall" });
});

test("device list: a filter without a match under --json is still a document, and exit 3", async () => {
  const ran = await (await agent({ "device.list": done({ devices: [] }) })).run(["device", "list", "--model", "x", "--json"]);
  expect([ran.code, ran.json()]).toEqual([3, { schema: "groundswell.devices/1", devices: [] }]);
});

test("device show: what is known, for people and for scripts", async () => {
  const site = await agent({ "device.show": done(SHOWN) });
  const ran = await site.run(["device", "show", "Reception"]);
  expect(ran.code).toBe(0);
  for (const part of [
    "Reception · VVX 450 · serial 8G1",
    "busy: in a call",
    "1 of 1 registered",
    "lineDown  warning  since 60 min ago",
    "mos  4.1",
  ])
    expect(ran.out).toContain(part);
  expect(site.asked[0]).toEqual({ name: "device.show", args: { device: "Reception" } });
  expect((await site.run(["device", "show", "Reception", "--json"])).json()).toEqual({ schema: "groundswell.device/1", ...SHOWN });
});

test("device show: an unknown device is exit 3, and for scripts a document with the code", async () => {
  const site = await agent({ "device.show": failed("notFound", 'no device "hall"') });
  const ran = await site.run(["device", "show", "hall"]);
  expect([ran.code, ran.out]).toEqual([3, ""]);
  expect(ran.err).toBe('groundswell: "device.show" was not done (notFound): no device "hall"\n');
  const json = await site.run(["device", "show", "hall", "--json", "--quiet"]);
  expect([json.err, json.json()]).toMatchObject(["", { schema: "groundswell.error/1", code: "notFound" }]);
});

test("device trust: needs a reason, and shows what is forgotten", async () => {
  const site = await agent({
    "device.trust": {
      ...done({ device: "d-64167f000001", forgotten: [{ via: "ssh", fingerprint: "SHA256:old" }] }),
      message: "Reception is trusted anew",
    },
  });
  expect((await site.run(["device", "trust", "Reception"])).code).toBe(2);
  const ran = await site.run(["device", "trust", "Reception", "--reason", "factory reset"]);
  expect([ran.code, ran.out]).toEqual([0, "Reception is trusted anew\n  forgotten  ssh  SHA256:old\n"]);
  expect(site.asked).toEqual([{ name: "device.trust", args: { device: "Reception", reason: "factory reset" } }]);
  const json = (await site.run(["device", "trust", "Reception", "--reason", "factory reset", "--json"])).json();
  expect(json).toMatchObject({ schema: "groundswell.device-trust/1", forgotten: [{ via: "ssh" }] });
});

test("device refresh: reads one device now and shows it", async () => {
  const site = await agent({ "device.refresh": done({ device: SHOWN }) });
  const ran = await site.run(["device", "refresh", "Reception"]);
  expect([ran.code, ran.out.split("\n")[0]]).toEqual([0, "Reception · VVX 450 · serial 8G1 · 64167f000001"]);
  expect((await site.run(["device", "refresh", "Reception", "--json"])).json()["schema"]).toBe("groundswell.device-refresh/1");
});

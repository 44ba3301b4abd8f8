import { expect, test } from "vitest";
import { linesOf, textOf } from "../../../agent/config-watch/canonical.ts";
import { PARTS, release } from "../../firmware/waves/builders.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { KEYS } from "../config-watch/kit.ts";
import { adviceBench, R573, R598, to, vvx } from "./advice-kit.ts";

const x50 = (number: number, changes: Parameters<typeof vvx>[1] = {}) =>
  vvx(number, { model: "VVX 450", partNumber: PARTS["VVX 450"], running: "6.4.6.2494", updater: "6.4.6.2494", ...changes });

test("firmware.advisories: all of them with their counts, and no device in detail", async () => {
  const { advisories } = adviceBench([release()], [x50(1), x50(2, { running: "6.4.8.1190" }), x50(3, { availability: "offline" })]);
  const { looked, advisories: all } = await advisories();
  expect(looked).toBe(3);
  expect(all[0]).toMatchObject({
    advisory: "CVE-2026-0826",
    also: ["HPSBPY04083"],
    affected: 2,
    possible: 0,
    fixable: 1,
    fixedBy: ["ucs-6.4.8"],
  });
  expect(all[0]).not.toHaveProperty("devices");
  expect(all.find(({ advisory }) => advisory === "CVE-2023-4462")).toMatchObject({ affected: 0, possible: 3, fixable: 0, fixedBy: [] });
});

test("firmware.advisories: one of them with its devices, by any of its names: what is known of each, and what fixes it or why not", async () => {
  const old = x50(3, { running: "5.8.0.13337", updater: "5.8.0.1" });
  const { store, advisories } = adviceBench([release()], [x50(1), x50(2, { adopted: false }), old]);
  const lines = linesOf([{ key: "tcpIpApp.ice.mode", value: "Standard" }], KEYS);
  store.configs.begin({ device: deviceId(1), source: "backup", atMs: T0, text: textOf(lines), settings: 1, cause: { kind: "first" } });
  const [one] = (await advisories("hpsbpy04083")).advisories;
  expect(one).toMatchObject({
    advisory: "CVE-2026-0826",
    affected: 3,
    fixable: 1,
    devices: [
      { name: "Phone 1", state: "affected", fixedIn: "6.4.8", reachable: [{ state: "yes" }], fix: { how: "direct", release: "ucs-6.4.8" } },
      { name: "Phone 2", fix: { how: "none", why: expect.stringContaining("inbox adopt") }, reachable: [{ state: "notKnown" }] },
      { name: "Phone 3", fix: { how: "held", code: "steppingStone", why: expect.stringContaining("late 5.9"), lifts: expect.any(String) } },
    ],
    proposals: [{ release: "ucs-6.4.8", step: "fixes", devices: 1, command: `groundswell campaign plan ucs-6.4.8 --model "VVX 450"` }],
  });
});

test("firmware.advisories: the partner's own, from releases of the channel, and a fix by steps begins with its first", async () => {
  const named = { ...R598, advisories: ["ACME-2026-1"] };
  const { advisories } = adviceBench([named, R573], [vvx(1), vvx(2, { running: "5.9.8.5760" })]);
  const [one] = (await advisories("acme-2026-1")).advisories;
  expect(one).toMatchObject({
    partners: true,
    namedBy: [R598.id],
    affected: 1,
    devices: [{ name: "Phone 1", fix: { how: "steps", release: R598.id, first: { release: R573.id } } }],
    proposals: [{ release: R573.id, step: "first", devices: 1 }],
  });
});

test("firmware.advisories: without devices or releases there is nothing to fix, and an unknown name is told", async () => {
  const none = adviceBench([], []);
  expect(await none.advisories()).toMatchObject({ looked: 0, releases: 0 });
  expect((await none.advisories("CVE-2026-0826")).advisories).toMatchObject([{ affected: 0, devices: [], proposals: [] }]);
  await expect(none.advisories("CVE-1999-0001")).rejects.toThrow('No advisory "CVE-1999-0001" is known');
});

test("firmware.advisories: a device without any release that fixes it is told where it is fixed", async () => {
  const { advisories } = adviceBench([to("5.9.8.5760", "5.9.0", "5.9.7")], [vvx(1, { model: "Trio 8800", running: "7.2.2.1094" })]);
  const [one] = (await advisories("CVE-2026-0826")).advisories;
  expect(one).toMatchObject({
    devices: [{ fix: { how: "none", why: "fixed in 7.2.8, and no release at hand for Trio 8800 does" } }],
    proposals: [],
  });
});

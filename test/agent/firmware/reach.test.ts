import { expect, test } from "vitest";
import { type Line, linesOf } from "../../../agent/config-watch/canonical.ts";
import { reachOf } from "../../../agent/firmware/reach.ts";
import { REACH, type ReachId } from "../../../firmware/advisories/known.ts";
import type { Setting } from "../../../protocols/families/settings.ts";
import type { FactRow } from "../../../store/devices.ts";
import { deviceId, T0 } from "../../store/temporary.ts";
import { KEYS, OTHER_KEYS } from "../config-watch/kit.ts";

const lines = (...settings: readonly Setting[]): readonly Line[] => linesOf(settings, KEYS);
const fact = (via: "https" | "snmp", atMs: number, source: FactRow["source"] = "device"): FactRow => ({
  ...{ device: deviceId(1), field: "model", source, value: "VVX 450", rank: 1, atMs },
  evidence: [{ via, what: "answered", atMs }],
});
const ask = (reach: ReachId, stored: { readonly lines?: readonly Line[]; readonly facts?: readonly FactRow[] } = {}) =>
  reachOf(reach, { lines: [], facts: [], ...stored }, KEYS);

test("reachOf(): of a device nothing is stored of, nothing is known", () => {
  for (const reach of Object.keys(REACH) as readonly ReachId[]) {
    expect(ask(reach)).toMatchObject({ what: REACH[reach], state: "notKnown" });
    expect(ask(reach).how).not.toBe("");
  }
});

test.each<[string, readonly Setting[], string]>([
  ["a mode that is none of off", [{ key: "tcpIpApp.ice.mode", value: "Standard" }], "yes"],
  ["off, under a name no document explains", [{ key: "tcpIpApp.ice.mode", value: "Disabled" }], "notKnown"],
  [
    "a stronger layer that says on",
    [
      { key: "x.ice.enable", value: "0", layer: "config" },
      { key: "x.ice.enable", value: "1", layer: "web" },
    ],
    "yes",
  ],
  [
    "a stronger layer that says off",
    [
      { key: "x.ice.enable", value: "1", layer: "config" },
      { key: "x.ice.enable", value: "0", layer: "local" },
    ],
    "notKnown",
  ],
  ["a word that only holds the letters", [{ key: "device.service.mode", value: "1" }], "notKnown"],
  ["a port of it", [{ key: "tcpIpApp.ice.stun.port", value: "3478" }], "notKnown"],
])("reachOf(): ICE, %s", (_what, settings, state) => {
  expect(ask("ice", { lines: lines(...settings) }).state).toBe(state);
});

test("reachOf(): web pages that answered are on; the setting that takes them away is believed; older than the answer it is not asked", () => {
  expect(ask("web", { facts: [fact("https", T0)] })).toMatchObject({
    state: "yes",
    how: "it answered by https at 2026-11-22T20:00:00.000Z",
  });
  expect(ask("web", { facts: [fact("snmp", T0), fact("https", T0, "lens")] }).state).toBe("notKnown");
  expect(ask("web", { lines: lines({ key: "httpd.cfg.enabled", value: "1" }) }).state).toBe("yes");
  expect(ask("web", { lines: lines({ key: "httpd.cfg.enabled", value: "0" }), facts: [fact("https", T0)] }).state).toBe("no");
});

test("reachOf(): the factory password is known by its mark, under the agent's own key, and only that it is", () => {
  const held = (value: string) => lines({ key: "device.auth.localAdminPassword", value });
  expect(ask("factoryPassword", { lines: held("456") })).toMatchObject({
    state: "yes",
    how: expect.stringContaining("localAdminPassword"),
  });
  expect(ask("factoryPassword", { lines: held("other") }).state).toBe("notKnown");
  expect(ask("factoryPassword", { lines: lines({ key: "reg.1.auth.password", value: "456" }) }).state).toBe("notKnown");
  expect(reachOf("factoryPassword", { lines: held("456"), facts: [] }, OTHER_KEYS).state).toBe("notKnown");
  expect(JSON.stringify(ask("factoryPassword", { lines: held("456") }))).not.toContain("456");
});

test("reachOf(): a port nobody asks is not known, whatever is stored", () => {
  expect(ask("adb", { facts: [fact("https", T0)] })).toMatchObject({ state: "notKnown", how: expect.stringContaining("5555") });
});

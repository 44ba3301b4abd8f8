import { expect, test } from "vitest";
import { decodeManagedBy } from "../../../protocols/families/uc-phone-network.ts";
import { managedByConfig } from "../../../protocols/families/video-answers.ts";
import { isLensServer, type ManagementSigns, managerOf } from "../../../protocols/lens/managed.ts";

test.each([
  "https://t12.deviceprovisioning.prod01-eu.dm.lens.poly.com",
  "https://abc-1.deviceprovisioning.dm.lens.poly.com/",
  "lens.poly.com",
  "HTTPS://User:x@A.LENS.POLY.COM:443/path?x=1",
  "a.dm.lens.poly.com.",
])("isLensServer(): %j is Lens's [lens 1.7] [lens 5.9] [lens 12.1]", (server) => {
  expect(isLensServer(server)).toBe(true);
  expect(decodeManagedBy({ provserveraddress: server })).toBe("lens");
});

test.each([
  "",
  "boot.example",
  "https://lens.poly.com.evil.example/",
  "https://evil.example/lens.poly.com",
  "https://evil.example/?x=.lens.poly.com",
  "notlens.poly.com",
  "poly.com",
])("isLensServer(): %j is not", (server) => {
  expect(isLensServer(server)).toBe(false);
});

test.each<[string, ManagementSigns, string | undefined]>([
  ["nothing asked", {}, undefined],
  ["no server", { servers: [""] }, "none"],
  ["a server of Lens", { servers: ["boot.example", "x.dm.lens.poly.com"] }, "lens"],
  ["policy of Lens", { lensProvisions: true, servers: ["boot.example"] }, "lens"],
  ["Lens has it without policy", { lensProvisions: false }, "unknown"],
  ["software from Teams", { upgradeServerType: "microsoft_teams_device_management", servers: [""] }, "teams"],
  ["settings from Lens, software from Teams", { upgradeServerType: "MICROSOFT_TEAMS_DEVICE_MANAGEMENT", lensProvisions: true }, "teams"],
  ["a management server", { provisioning: { enabled: true, serverType: "DMS" } }, "rprm"],
  ["one that is switched off", { provisioning: { enabled: false, serverType: "DMS" } }, "none"],
  ["a Resource Manager on the site", { servers: [""], siteObjectIds: ["1.3.6.1.4.1.13885.102.1"] }, "unknown"],
  ["a neighbour by number", { servers: [""], siteObjectIds: ["1.3.6.1.4.1.13885.1021"] }, "none"],
])("managerOf(): %s [lens 12.2] [lens 12.3] [lens 12.4] [lens 12.6]", (_what, signs, by) => {
  expect(managerOf(signs)).toBe(by);
});

test("managedByConfig(): a room's exported settings are read by the same rule [lens 12.2]", () => {
  const room = (settings: string) => managedByConfig(Buffer.from(`<PHONE_CONFIG ${settings}/>`));
  expect(room('upgrade.auto.server.type="microsoft_teams_device_management" device.prov.serverName="x.lens.poly.com"')).toMatchObject({
    value: "teams",
  });
  expect(room('device.prov.serverName="https://t1.dm.lens.poly.com"')).toMatchObject({ value: "lens" });
  expect(room('device.prov.serverName="boot.example"')).toMatchObject({ value: "none" });
});

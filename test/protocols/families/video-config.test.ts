import { expect, test } from "vitest";
import {
  type ConfigValue,
  decodeConfig,
  decodeExport,
  managedByValues,
  provisioningByValues,
  showDoors,
  showUpdates,
} from "../../../protocols/families/video-config.ts";

const garbled = { ok: false, fault: { kind: "garbled" } };
const file = (settings: string): Buffer => Buffer.from(`<?xml version="1.0"?>\n<PHONE_CONFIG>\n<ALL ${settings} />\n</PHONE_CONFIG>`);

function managedBy(settings: string): unknown {
  const read = decodeExport(file(settings));
  return read.ok ? read.value.managedBy : read.fault;
}

test("decodeExport(): Teams by its server type, Lens by its address, else nobody [video 3.2] [video 3.14] [video 2.5.11]", () => {
  expect(managedBy('upgrade.auto.server.type="microsoft_teams_device_management"')).toBe("teams");
  expect(managedBy('device.prov.serverName="https://t1.deviceprovisioning.dm.lens.poly.com"')).toBe("lens");
  expect(managedBy('upgrade.auto.server.address="x.lens.poly.com/files"')).toBe("lens");
  expect(managedBy('upgrade.auto.server.type="prov_server" device.prov.serverName="evillens.poly.com"')).toBe("none");
  for (const type of ["polycom_support_server", "user_defined_server", "prov_server"]) {
    expect(managedBy(`upgrade.auto.server.type="${type}"`)).toBe("none");
  }
});

test("decodeExport(): how it updates itself: source, address, window of its own time, interval, and whether it may go back [video 3.1] [video 3.3] [video 3.4] [video 3.5] [video 3.6]", () => {
  const read = decodeExport(
    file(
      'upgrade.auto.enable="true" upgrade.auto.server.type="user_defined_server" upgrade.auto.server.address="https://u.example/fw" ' +
        'upgrade.auto.polling.interval="3600" upgrade.auto.timeFrame.enable="true" upgrade.auto.timeFrame.startTime="01:00" ' +
        'upgrade.auto.timeFrame.stopTime="05:00" upgrade.auto.backwardCompatible="false"',
    ),
  );
  expect(read.ok && read.value.updates).toEqual({
    on: true,
    source: "user_defined_server",
    address: "https://u.example/fw",
    window: "01:00 to 05:00",
    pollSeconds: 3600,
    mayGoBack: false,
  });
  expect(read.ok && showUpdates(read.value.updates)).toBe("updates itself from user_defined_server https://u.example/fw, 01:00 to 05:00");
});

test("decodeExport(): an empty address and a window that is switched off are absent [video 3.3] [video 3.5]", () => {
  const read = decodeExport(
    file(
      'upgrade.auto.server.address="" upgrade.auto.timeFrame.enable="false" upgrade.auto.timeFrame.startTime="01:00" upgrade.auto.timeFrame.stopTime="05:00"',
    ),
  );
  expect(read.ok && read.value.updates).toEqual({});
  expect(showUpdates({ on: false })).toBe("does not update itself");
});

test("decodeExport(): which doors its settings open [video 3.10] [video 3.11] [video 3.13]", () => {
  const read = decodeExport(file('sec.ssh.enable="true" sec.telnet.enable="false" sec.telnet.apiPort="24" snmp.enable="false"'));
  expect(read.ok && read.value.doors).toEqual({ ssh: true, telnet: false, snmp: false });
  expect(read.ok && showDoors(read.value.doors)).toBe("its settings: ssh on, telnet off, snmp off");
});

test("decodeExport(): keys and blanked secrets are never kept [video 3.7]", () => {
  const read = decodeExport(
    file(
      'license.optionKey="KA2E-1111-2222-0000-0001" license.softupdateKey="KA2E-3" upgrade.auto.server.address="REMOVED_SECURE_CONTENT"',
    ),
  );
  expect(JSON.stringify(read)).not.toMatch(/KA2E|REMOVED/);
});

test("decodeExport(): what is not a configuration does not say that nobody manages it", () => {
  for (const text of ["<html></html>", "", "{}"]) expect(decodeExport(Buffer.from(text))).toMatchObject(garbled);
});

test("decodeConfig(): per name its value, whether the device knows it and whether it may be changed [video 2.5.7] [video 2.5.8]", () => {
  const body = Buffer.from(
    JSON.stringify({
      vars: [
        { name: "a", value: "1", result: "NOERROR", isEditable: true, isHidden: false, isSecure: false },
        { name: "b", result: "NAMEERROR" },
        { name: "c", value: "2", result: "NOERROR", isEditable: false },
      ],
      rebootNeeded: true,
    }),
  );
  const read = decodeConfig(body);
  expect(read).toMatchObject({ ok: true, value: { rebootNeeded: true } });
  expect(read.ok && [...read.value.values]).toEqual([
    ["a", { value: "1", known: true, editable: true }],
    ["b", { value: undefined, known: false, editable: true }],
    ["c", { value: "2", known: true, editable: false }],
  ]);
  expect(decodeConfig(Buffer.from("{}"))).toMatchObject(garbled);
});

test("managedByValues(): a name the device does not know says nothing", () => {
  const unknown: ConfigValue = { value: "DMS", known: false, editable: false };
  expect(managedByValues(new Map([["management.provisioning.servertype", unknown]]))).toBeUndefined();
});

test("decodeExport(): whom it asks for its settings; nobody set is told, a file without the name tells nothing [video 3.2]", () => {
  const told = (settings: string): unknown => {
    const read = decodeExport(file(settings));
    return read.ok ? read.value.provisioning : read.fault;
  };
  expect(told('device.prov.serverName="https://plcm:secret@prov.example/cfg"')).toEqual(["prov.example"]);
  expect(told('device.prov.serverName=""')).toEqual([]);
  expect(told('upgrade.auto.server.address="x.example"')).toBeUndefined();
});

test("provisioningByValues(): the server where it is on, nobody where it is off, nothing where that is not known", () => {
  const values = (enabled: string, known = true) =>
    new Map([
      ["management.provisioning.enabled", { value: enabled, known, editable: true }],
      ["management.provisioning.server", { value: "rm.example", known: true, editable: true }],
    ]);
  expect([
    provisioningByValues(values("True")),
    provisioningByValues(values("False")),
    provisioningByValues(values("True", false)),
  ]).toEqual([["rm.example"], [], undefined]);
});

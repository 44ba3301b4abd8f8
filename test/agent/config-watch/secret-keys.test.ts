import { expect, test } from "vitest";
import { holdsPrivateKey, isSecretKey, withoutUrlPasswords } from "../../../agent/config-watch/secret-keys.ts";

test.each([
  "apps.push.password",
  "apps.statePolling.password",
  "reg.1.auth.password",
  "device.auth.localAdminPassword",
  "device.prov.password",
  "management.provisioning.password",
  "management.snmp.community",
  "snmp.community",
  "license.optionKey",
  "license.softupdateKey",
  "softupdate.softwareupdatekey",
  "system.key.softupdatekey",
  "system.key.optionkey",
  "device.net.dot1x.psk",
  "device.wifi.psk.key",
  "sec.TLS.customDeviceKey",
  "voice.meeting.pin",
  "up.userPin",
  "exchange.meeting.loginPin",
  "lync.signIn.accessToken",
  "apps.oauth.token",
  "bluetooth.pairing.passcode",
  "sec.srtp.masterKey",
  "comm.auth.credentials[0]",
])("isSecretKey(): %s is one", (key) => expect(isSecretKey(key, "Tr0ub4dor")).toBe(true));

test.each([
  ["apps.push.username", "admin"],
  ["reg.1.lineKeys", "2"],
  ["reg.1.address", "1001"],
  ["up.multiKeyAnswerEnabled", "0"],
  ["softkey.1.label", "Park"],
  ["exp.module.lineKey", "4"],
  ["diags.net.ping", "1"],
  ["sec.pwd.length", "8"],
  ["sec.auth.password.minLength", "8"],
  ["sec.auth.accountLockout.admin.lockoutAttempts", "10"],
  ["device.prov.serverName", "https://prov.example"],
  ["snmp.auth.algorithm", "SHA"],
  ["snmp.engineID", "0102"],
])("isSecretKey(): %s is none", (key, value) => expect(isSecretKey(key, value)).toBe(false));

test("isSecretKey(): a rule about passwords that holds anything but a small number is one after all", () => {
  expect(isSecretKey("sec.password.length", "hunter2-hunter2")).toBe(true);
});

test("holdsPrivateKey(): by its armour, whatever the name", () => {
  expect(holdsPrivateKey("-----BEGIN RSA PRIVATE KEY-----\nMII")).toBe(true);
  expect(holdsPrivateKey("-----BEGIN CERTIFICATE-----\nMII")).toBe(false);
});

test.each([
  ["ftp://PlcmSpIp:s3cret@10.0.0.1/", "ftp://PlcmSpIp:[s3cret]@10.0.0.1/"],
  ["https://u:p@ss@prov.example/x", "https://u:[p@ss]@prov.example/x"],
  ["https://u:p/q@prov.example/x", "https://u:[p/q]@prov.example/x"],
  ["http://:only@h/", "http://:[only]@h/"],
  ["a https://u:1@h/ b ftp://v:2@i/", "a https://u:[1]@h/ b ftp://v:[2]@i/"],
  ["https://h/x?user=a&password=b&z=1", "https://h/x?user=a&password=[b]&z=1"],
  ["https://h:8443/x?a=b", "https://h:8443/x?a=b"],
  ["sip:1001@pbx.example", "sip:1001@pbx.example"],
])("withoutUrlPasswords(): %s", (value, wanted) => expect(withoutUrlPasswords(value, (secret) => `[${secret}]`)).toBe(wanted));

import { expect, test } from "vitest";
import { addressIn, kindOfField, kindOfObject, segmentsOf } from "../../../agent/recording/kinds.ts";

test.each([
  ["password", "secret"],
  ["reg.1.auth.password", "secret"],
  ["sessionId", "secret"],
  ["system.key.optionkey", "secret"],
  ["snmp.community", "secret"],
  ["isPasswordAgeLimitReached", undefined],
  ["sec.pwd.length.admin", undefined],
  ["serialNumber", "serial"],
  ["FirmwareRelease", "version"],
  ["LineNumber", undefined],
  ["RemotePartyNumber", "number"],
  ["RemotePartyName", "contact"],
  ["systemName", "name"],
  ["SSID", "ssid"],
  ["ProvServerUser", "user"],
  ["loginResult", undefined],
  ["userAgent", undefined],
  ["SIPAddress", "line"],
  ["DNSDomain", "where"],
  ["ProvServerAddress", "where"],
  ["ProvServerType", undefined],
  ["timeServerState", undefined],
  ["ModelNumber", undefined],
  ["state", undefined],
  ["name", undefined],
])("kindOfField(): %s is %s", (name, kind) => {
  expect(kindOfField(name)).toBe(kind);
});

test("kindOfObject(): contact, name and location of an agent; a serial number in its parts", () => {
  expect(["1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.47.1.1.1.1.11.1"].map(kindOfObject)).toEqual([
    "contact",
    "name",
    "location",
    "serial",
  ]);
  expect(kindOfObject("1.3.6.1.2.1.1.1.0")).toBeUndefined();
});

test.each([
  ["1.3.6.1.2.1.17.4.3.1.2.0.224.219.75.28.45", "mac", "0.224.219.75.28.45"],
  ["1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.224.219.75.28.45", "mac", "0.224.219.75.28.45"],
  ["1.3.6.1.2.1.4.22.1.2.7.10.20.0.57", "address", "10.20.0.57"],
  ["1.3.6.1.2.1.4.20.1.1.10.20.0.57", "address", "10.20.0.57"],
  ["1.0.8802.1.1.2.1.4.2.1.3.0.5.1.1.4.10.20.0.57", "address", "10.20.0.57"],
])("addressIn(): %s holds a %s", (oid, kind, tail) => {
  const found = addressIn(oid);
  expect([found?.kind, oid.split(".").slice(found?.from).join(".")]).toEqual([kind, tail]);
});

test("addressIn(): an ordinary row holds none", () => {
  for (const oid of ["1.3.6.1.2.1.2.2.1.6.10101", "1.3.6.1.2.1.4.20.1.1.1", "1.3.6.1.4.1.13885.101.1.4.1.1.4.1"]) {
    expect(addressIn(oid)).toBeUndefined();
  }
});

const named = (text: string, commandLine = false): unknown =>
  segmentsOf(text, commandLine).flatMap(({ text: part, kind }) => (kind === undefined ? [] : [[part, kind]]));

test.each([
  ['<ALL reg.1.label="1001" prov.polling.period="3600"/>', [["1001", "line"]]],
  ["<INACALL><USERNAME>jane</USERNAME></INACALL>", [["jane", "user"]]],
  ["serialnumber,8L21AAAABBCCFD\nmodel,HDX 9006", [["8L21AAAABBCCFD", "serial"]]],
  ["<result>systemname &quot;Room 5&quot;</result>", [["Room 5", "name"]]],
  ["<result>callinfo begin callinfo:1:Jane:1001:384:connected:notmuted:outgoing:videocall</result>", [["Jane:1001", "number"]]],
  ["updates itself from prov_server, 01:00 to 05:00", []],
  ["Hi, my name is : Room 5", [["Room 5", "name"]]],
  ["/api?user=jane&line=1", [["jane", "user"]]],
  ["cs: call[5] speed[1024] dialstr[1001] state[connected]", [["1001", "number"]]],
  ["callinfo:36:192.168.1.102:256:connected:notmuted:outgoing:videocall", [["192.168.1.102", "number"]]],
  ["callinfo:36:Jane Roe:1001:256:connected:muted:outgoing:videocall", [["Jane Roe:1001", "number"]]],
])("segmentsOf(): %s", (text, found) => {
  expect(named(text)).toEqual(found);
});

test("segmentsOf(): the first word of an answer names the rest only on a command line", () => {
  expect(named('systemname "Room 5"', true)).toEqual([["Room 5", "name"]]);
  expect(named("systemsetting sipregistrarserver 192.0.2.5", true)).toEqual([["192.0.2.5", "where"]]);
  expect(named("Server Polycom SoundPoint IP Telephone HTTPd")).toEqual([]);
});

test("segmentsOf(): the segments together are the text", () => {
  const text = 'a="b" user="x"\nhostname: y\n<serial>z</serial>?token=t';
  expect(
    segmentsOf(text, true)
      .map((segment) => segment.text)
      .join(""),
  ).toBe(text);
});

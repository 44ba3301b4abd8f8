import { expect, test } from "vitest";
import { decodeSettings, SETTINGS_MAX } from "../../../protocols/families/settings.ts";

const read = (text: string) => decodeSettings(Buffer.from(text), "https");
const settings = (text: string) => {
  const found = read(text);
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  return found.value;
};

test("decodeSettings(): attributes are settings, whatever element groups them; comments and plumbing are not [prov 5.12]", () => {
  const text = `<?xml version="1.0" standalone="yes"?>
    <!-- written at 7 -->
    <polycomConfig xmlns:xsi="http://x" xsi:noNamespaceSchemaLocation="polycomConfig.xsd" version="1">
      <reg reg.1.address="1001"><call call.x.y='a &amp; "b"'/></reg>
    </polycomConfig>`;
  expect(settings(text)).toEqual([
    { key: "reg.1.address", value: "1001" },
    { key: "call.x.y", value: 'a & "b"' },
  ]);
});

test("decodeSettings(): the sections of a backup are layers", () => {
  const text = `<PHONE_BACKUP><CALL_SERVER/><CONFIG_FILES a.b="1"/><WEB a.b="2"/><PHONE_LOCAL c.d="3"/><DEVICE_SETTINGS device.e="4"/></PHONE_BACKUP>`;
  expect(settings(text)).toEqual([
    { key: "a.b", value: "1", layer: "config" },
    { key: "a.b", value: "2", layer: "web" },
    { key: "c.d", value: "3", layer: "local" },
    { key: "device.e", value: "4", layer: "device" },
  ]);
});

test("decodeSettings(): a room's file that is not whole XML is read attribute by attribute", () => {
  const text = `<?xml version="1.0"?>\n<PHONE_CONFIG>\n  <ALL\n    sec.ssh.enable="true"\n    snmp.traptarget.address[0]="10.0.0.1 &amp; more"\n  />\n</PHONE_CONFIG>`;
  expect(settings(text)).toEqual([
    { key: "sec.ssh.enable", value: "true" },
    { key: "snmp.traptarget.address[0]", value: "10.0.0.1 & more" },
  ]);
});

test.each([
  ["a page of a log-in", "<html><head><meta http.equiv='x'></head></html>"],
  ["another document", `<APPLICATION CONFIG_FILES="a.cfg" a.b="1"/>`],
  ["nothing", ""],
  ["entities of its own", `<!DOCTYPE x [<!ENTITY a "b">]><PHONE_CONFIG a.b="&a;"/>`],
  ["text", "a.b = 1"],
])("decodeSettings(): %s is none", (_what, text) => expect(read(text)).toMatchObject({ ok: false, fault: { kind: "garbled" } }));

test("decodeSettings(): more settings than any device has are refused", () => {
  const many = Array.from({ length: SETTINGS_MAX + 1 }, (_, n) => ` a.b${n}="1"`).join("");
  expect(read(`<PHONE_CONFIG><ALL${many}/></PHONE_CONFIG>`)).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
});

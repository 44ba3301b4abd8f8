/** Requests as the documents print them: what each says of its sender, and what the endpoint answers. */
import { expect, test } from "vitest";
import { renderMasterFile } from "../../../protocols/provisioning/master-file.ts";
import { readRequest, runningOf } from "../../../protocols/provisioning/request.ts";

const get = (target: string, userAgent?: string, xDevice?: string) => readRequest({ method: "GET", target, userAgent, xDevice });
const MASTER = "/0004f2aabbcc.cfg";

test.each([
  [
    "an application that says so [prov 4.2] [prov 4.1]",
    "FileTransport PolycomVVX-VVX_311-UA/5.9.6.2327 Type/Application",
    { model: "VVX 311", family: "uc-phone" },
  ],
  ["an older build without a type [prov 4.3]", "FileTransport PolycomVVX-VVX_310-UA/5.1.1.2986", { model: "VVX 310", family: "uc-phone" }],
  ["an Updater [prov 4.5]", "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater", { model: "SoundStation IP 6000" }],
  [
    "an agent tagged with the MAC [prov 4.6]",
    "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application",
    { model: "SoundStation IP 5000", mac: "0004f2e765da" },
  ],
  [
    "a Trio [prov 4.7]",
    "FileTransport PolycomRealPresenceTrio-Trio_8800-UA/7.2.2.1094 (SN:64167faabbcc) Type/Application",
    { model: "Trio 8800", mac: "64167faabbcc" },
  ],
  [
    "a CCX 600 [prov 4.8]",
    "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application",
    { model: "CCX 600", mac: "482567b5313f" },
  ],
  ["a CCX 500 on 9.x [prov 4.9]", "FileTransport PolyCCX-CCX_500-UA/9.4.1.0508 (SN:64167f9f4c90) Type/Application", { model: "CCX 500" }],
  ["an Edge E [prov 4.10]", "FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application", { model: "Edge E450" }],
  [
    "a Studio X, without the maker's name before it [prov 4.11]",
    "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application",
    { model: "Studio X30", family: "video-os" },
  ],
  [
    "a microbrowser [prov 4.12]",
    "Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application",
    { model: "SoundPoint IP 550" },
  ],
])("readRequest(): %s", (_what, userAgent, expected) => {
  expect(get(MASTER, userAgent).agent).toMatchObject(expected);
});

test("readRequest(): the Android runtime's own agent says nothing of a model [prov 4.13]", () => {
  expect(get(MASTER, "Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)").agent?.model).toBeUndefined();
});

test("runningOf(): one phone in one boot shows two numbers and nothing marks which: neither is stored [prov 4.4]", () => {
  for (const version of ["4.2.1.0275", "3.2.1.0078"])
    expect(runningOf(get(MASTER, `FileTransport PolycomSoundPointIP-SPIP_335-UA/${version}`))).toBeUndefined();
});

test("runningOf(): a version counts where the agent says application, or where only the application asks [prov 4.14]", () => {
  const untyped = "FileTransport PolycomVVX-VVX_310-UA/5.1.1.2986";
  expect(runningOf(get(MASTER, `${untyped} Type/Application`))).toEqual({ application: "5.1.1.2986" });
  for (const path of ["-phone.cfg", "-directory.xml", "-license.cfg", "-app.log"])
    expect(runningOf(get(`/0004f2aabbcc${path}`, untyped))).toEqual({ application: "5.1.1.2986" });
  expect(runningOf(get("/0004f2aabbcc-boot.log", untyped))).toBeUndefined();
});

test.each([
  "FileTransport PolycomVVX-VVX_450-UA/6.4.6.2494 (SN:64167faabbcc) Type/Application",
  "FileTransport PolyEdge-Edge_E350-UA/8.5.0.1107 Type/Application",
  "FileTransport PolycomVVX-VVX_450-UA/5.4.0A.10182 Type/Application",
  "FileTransport PolycomRealPresenceTrio-Trio_Visual+-UA/5.4.0.12197 Type/Application",
])("readRequest(): %s, which older readers stumble over, is read [prov 4.15]", (userAgent) => {
  expect(get(MASTER, userAgent).agent?.model).toEqual(expect.any(String));
});

test("readRequest(): a part number before the image's name is the sender's own, whatever the master file named [prov 1a.13] [prov 6.1]", () => {
  expect(get("/3111-44500-001.sip.ld").asked).toEqual({ kind: "image", imageName: "sip.ld", partNumber: "3111-44500-001" });
  expect(get("/3111-44500-001.3111-44500-001.sip.ld").asked).toMatchObject({
    imageName: "3111-44500-001.sip.ld",
    partNumber: "3111-44500-001",
  });
});

test("readRequest(): an image request names no MAC, so it names no sender [prov 1a.14]", () => {
  expect(get("/3111-44500-001.sip.ld", "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application").mac).toBeUndefined();
  const tagged = get("/3111-44500-001.sip.ld", "FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 (SN:0004f2aabbcc) Type/Application");
  expect(tagged.mac).toBe("0004f2aabbcc");
});

test("readRequest(): a Studio names serial, MAC and address in a header of its own [prov 11a.1]", () => {
  const agent = "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application";
  expect(get("/00e0dbaabbcc.cfg", agent, "8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7").xDevice).toEqual({
    serial: "8L21ABAABBCCFD",
    mac: "00e0dbaabbcc",
    address: "192.0.2.7",
  });
});

test("readRequest(): the master file is the MAC's, and after it the default's [prov 1.4]", () => {
  expect(get("/0004f2aabbcc.cfg").asked).toEqual({ kind: "master", mac: "0004f2aabbcc" });
  expect(get("/000000000000.cfg").asked).toEqual({ kind: "defaultMaster" });
});

test.each([
  ["the Updater's log [prov 10.1]", "/0004f2aabbcc-boot.log", { kind: "log", which: "boot" }],
  ["the application's log [prov 10.2]", "/0004f2aabbcc-app.log", { kind: "log", which: "app" }],
  ["changes made on the phone [prov 10.3]", "/0004f2aabbcc-phone.cfg", { kind: "override", which: "phone" }],
  ["changes made on the web page [prov 10.4]", "/0004f2aabbcc-web.cfg", { kind: "override", which: "web" }],
  ["personal data [prov 10.5]", "/0004f2aabbcc-calls.xml", { kind: "directory" }],
])("readRequest(): %s", (_what, target, asked) => {
  expect(get(target).asked).toMatchObject(asked);
});

test("renderMasterFile(): every folder of uploads is the server's root [prov 5.5] [prov 5.6]", () => {
  const text = renderMasterFile({ image: "fw/x/sip.ld" });
  for (const name of ["LOG_FILE_DIRECTORY", "OVERRIDES_DIRECTORY", "CALL_LISTS_DIRECTORY", "LICENSE_DIRECTORY"])
    expect(text).toContain(`${name}=""`);
});

test("renderMasterFile(): folders of contacts, licences, call lists, profiles and crash dumps too [prov 5.7] [prov 5.3]", () => {
  const text = renderMasterFile({});
  for (const name of [
    "CONTACTS_DIRECTORY",
    "LICENSE_DIRECTORY",
    "CALL_LISTS_DIRECTORY",
    "USER_PROFILES_DIRECTORY",
    "COREFILE_DIRECTORY",
    "MISC_FILES",
  ])
    expect(text).toContain(`${name}=""`);
});

test("renderMasterFile(): configuration files are one list with commas; full addresses and macros stay as they are [prov 5.4] [prov 5.10]", () => {
  const configFiles = ["[PHONE_MAC_ADDRESS]-user.cfg", "http://192.0.2.1/common.cfg"];
  expect(renderMasterFile({ configFiles })).toContain('CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg, http://192.0.2.1/common.cfg"');
});

test("runningOf(): a file of CONFIG_FILES is one only the application asks for, ours by its name, a site's by the MAC before it [prov 4.14]", () => {
  const untyped = "FileTransport PolycomVVX-VVX_310-UA/5.1.1.2986";
  const named = (target: string) => readRequest({ method: "GET", target, userAgent: untyped, configFiles: ["site/common.cfg"] });
  for (const target of ["/site/common.cfg", "/0004f2aabbcc-user.cfg"]) {
    expect(named(target).asked.kind).toBe("config");
    expect(runningOf(named(target))).toEqual({ application: "5.1.1.2986" });
  }
  for (const target of ["/common.cfg", "/site/common.cfg.bak"]) expect(named(target).asked.kind).toBe("other");
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["192.0.2.7, 198.51.100.1", "192.0.2.7"],
  [" 2001:db8::7 ", "2001:db8::7"],
  ["unknown", undefined],
  ["192.0.2.7:5060", undefined],
  ["<script>", undefined],
  ["", undefined],
  [`${" ".repeat(300)}192.0.2.7`, undefined],
])("readRequest(): X-Forwarded-For %j is for %j [prov 3.9]", (forwardedFor, wanted) => {
  expect(readRequest({ method: "GET", target: MASTER, forwardedFor }).forwardedFor).toBe(wanted);
});

test("renderMasterFile(): the image is a path below the root with a folder before it, never a full address [prov 5.1]", () => {
  expect(renderMasterFile({ image: "fw/x/sip.ld" })).toContain('APP_FILE_PATH="fw/x/sip.ld"');
});

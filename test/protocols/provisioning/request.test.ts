import fc from "fast-check";
import { expect, test } from "vitest";
import { type Asked, type RawRequest, readRequest, runningOf } from "../../../protocols/provisioning/request.ts";

const MAC = "0004f2aabbcc";
const asked = (target: string): Asked => readRequest({ method: "GET", target }).asked;
const read = (target: string, more: Partial<RawRequest> = {}) => readRequest({ method: "GET", target, ...more });

test.each([
  ["/0004f2aabbcc.cfg", { kind: "master", mac: MAC }],
  ["//0004f2aabbcc.cfg", { kind: "master", mac: MAC }],
  ["/0004F2AABBCC.cfg", { kind: "master", mac: MAC }],
  ["/0004f2aabbcc.cfg?x=1", { kind: "master", mac: MAC }],
  ["/000000000000.cfg", { kind: "defaultMaster" }],
  ["/0004f2aabbcc-phone.cfg", { kind: "override", mac: MAC, which: "phone" }],
  ["/0004f2aabbcc-web.cfg", { kind: "override", mac: MAC, which: "web" }],
  ["/0004f2aabbcc-boot.log", { kind: "log", mac: MAC, which: "boot" }],
  ["/0004f2aabbcc-app.log", { kind: "log", mac: MAC, which: "app" }],
  ["/0004f2aabbcc-directory.xml", { kind: "directory", mac: MAC }],
  ["/0004f2aabbcc-calls.xml", { kind: "directory", mac: MAC }],
  ["/000000000000-directory.xml", { kind: "directory" }],
  ["/0004f2aabbcc-license.cfg", { kind: "licence", mac: MAC }],
  ["/000000000000-license.cfg", { kind: "licence" }],
  ["/0004f2aabbcc-user.cfg", { kind: "config", mac: MAC }],
  ["/sip.ld", { kind: "image", imageName: "sip.ld" }],
  ["/3111-44500-001.sip.ld", { kind: "image", imageName: "sip.ld", partNumber: "3111-44500-001" }],
  ["/3111-44500-001.3111-44500-001.sip.ld", { kind: "image", imageName: "3111-44500-001.sip.ld", partNumber: "3111-44500-001" }],
  ["/fw/attempt-1/sip.ld", { kind: "image", imageName: "sip.ld", token: "attempt-1" }],
  ["/fw/attempt-1/3111-44500-001.sip.ld", { kind: "image", imageName: "sip.ld", partNumber: "3111-44500-001", token: "attempt-1" }],
] as const)("readRequest(): %s", (target, wanted) => {
  expect(asked(target)).toEqual(wanted);
});

test.each([
  "",
  "/",
  "*",
  "0004f2aabbcc.cfg",
  "http://x/0004f2aabbcc.cfg",
  "/../0004f2aabbcc.cfg",
  "/fw/../0004f2aabbcc.cfg",
  "/fw/attempt-1/../sip.ld",
  "/fw/attempt-1/..%2fsip.ld",
  "/fw/attempt-1/%73ip.ld",
  "/fw%2fattempt-1/sip.ld",
  "/fw\\attempt-1\\sip.ld",
  "/fw/attempt-1//sip.ld",
  "/fw/attempt-1/.sip.ld",
  "/fw/attempt-1/sub/.sip.ld",
  "/fw/attempt-1/sub//sip.ld",
  "/fw/attempt-1/sub/",
  "/FW/attempt-1/sip.ld",
  "/0004f2aabbcc%2ecfg",
  "/0004f2aabbcc.cfg%00.xml",
  "/0004f2aabbcc.cfg\u0000",
  "/0004f2aabbcc.cfg/",
  "/0004f2aabbcc.cfg#x",
  "/0004f2aabbcc.cfg.bak",
  "/0004f2aabbcc-other.xml",
  "/000000000000-user.cfg",
  "/0004f2aabbcc-phone.log",
  "/0004f2aabbc.cfg",
  "/ffffffffffff.cfg",
  "/000000000000-app.log",
  "/common.cfg",
  "/etc/passwd",
  "/０004f2aabbcc.cfg",
])("readRequest(): %j is nothing a phone of ours asks for", (target) => {
  expect(asked(target)).toEqual({ kind: "other" });
});

test("readRequest(): a target longer than any of ours is not cut into one that fits", () => {
  const file = "0004f2aabbcc.cfg";
  expect(asked(`${"/".repeat(1_024 - file.length)}${file}/../../x`)).toEqual({ kind: "other" });
});

test("readRequest(): never throws, whatever target and headers say", () => {
  const joined = (...pieces: readonly string[]): fc.Arbitrary<string> =>
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())).map((parts) => parts.join(""));
  const text = joined(
    "/",
    "fw/",
    "attempt-1",
    "0004f2aabbcc",
    ".cfg",
    "-app.log",
    "..",
    "%2e",
    "\u0000",
    "\uD800",
    "?",
    "00:e0:db:aa:bb:cc",
  );
  const agent = joined(
    "FileTransport ",
    "PolycomVVX-VVX_411",
    "PolyCCX-",
    "-UA/",
    "6.4.6.0123",
    " (SN:",
    "64167faabbcc",
    ")",
    " Type/",
    "Updater",
  );
  fc.assert(
    fc.property(text, fc.option(agent, { nil: undefined }), fc.option(text, { nil: undefined }), (target, userAgent, xDevice) => {
      const request = readRequest({ method: "GET", target, userAgent, xDevice });
      runningOf(request);
      return request.mac === undefined || /^[0-9a-f]{12}$/.test(request.mac);
    }),
  );
});

test("readRequest(): a path with a way up in it is never ours", () => {
  const segment = fc.constantFrom("..", "fw", "attempt-1", "sip.ld", "0004f2aabbcc.cfg", ".", "");
  fc.assert(fc.property(fc.array(segment), (parts) => !parts.includes("..") || asked(`/${parts.join("/")}`).kind === "other"));
});

const TAGGED = "FileTransport PolyCCX-CCX_500-UA/9.4.1.0508 (SN:64167f9f4c90) Type/Application";
const STUDIO = "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application";

test("readRequest(): the MAC is the path's, else that of X-Device, else the agent's", () => {
  const xDevice = "8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7";
  expect(read("/0004f2aabbcc.cfg", { xDevice, userAgent: TAGGED }).mac).toBe(MAC);
  expect(read("/sip.ld", { xDevice, userAgent: TAGGED }).mac).toBe("00e0dbaabbcc");
  expect(read("/sip.ld", { userAgent: TAGGED }).mac).toBe("64167f9f4c90");
  expect(read("/sip.ld")).not.toHaveProperty("mac");
});

test.each([
  ["8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7", { serial: "8L21ABAABBCCFD", mac: "00e0dbaabbcc", address: "192.0.2.7" }],
  ["8L21ABAABBCCFD//", { serial: "8L21ABAABBCCFD" }],
  ["//fe80::1", { address: "fe80::1" }],
  ["<script>/zz/a b", {}],
  [`${"x".repeat(5_000)}/00:e0:db:aa:bb:cc/1`, {}],
] as const)("readRequest(): X-Device %j", (xDevice, wanted) => {
  expect(read("/sip.ld", { xDevice }).xDevice).toEqual(wanted);
});

test("readRequest(): a user agent as long as a book is cut", () => {
  expect(read("/sip.ld", { userAgent: "x".repeat(5_000) }).userAgent?.length).toBeLessThanOrEqual(256);
});

const untyped = "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.1.0275";
test.each([
  ["/0004f2aabbcc.cfg", TAGGED, { application: "9.4.1.0508" }],
  ["/0004f2aabbcc.cfg", STUDIO, { application: "3.10.0_362035" }],
  ["/0004f2aabbcc-boot.log", "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater", { updater: "5.9.7.47435" }],
  ["/0004f2aabbcc-phone.cfg", "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater", { updater: "5.9.7.47435" }],
  ["/0004f2aabbcc.cfg", untyped, undefined],
  ["/0004f2aabbcc-boot.log", untyped, undefined],
  ["/3111-44500-001.sip.ld", untyped, undefined],
  ["/0004f2aabbcc-phone.cfg", untyped, { application: "4.2.1.0275" }],
  ["/0004f2aabbcc-app.log", untyped, { application: "4.2.1.0275" }],
  ["/0004f2aabbcc-directory.xml", untyped, { application: "4.2.1.0275" }],
  ["/000000000000-license.cfg", untyped, { application: "4.2.1.0275" }],
  ["/0004f2aabbcc-phone.cfg", undefined, undefined],
  ["/0004f2aabbcc-phone.cfg", "curl/8.0", undefined],
] as const)("runningOf(): %s by %j says %j", (target, userAgent, running) => {
  expect(runningOf(read(target, userAgent === undefined ? {} : { userAgent }))).toEqual(running);
});

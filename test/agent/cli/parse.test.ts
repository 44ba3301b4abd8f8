import { expect, test } from "vitest";
import { LINE_CHARS_MAX, linesOf } from "../../../agent/cli/lines.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { run } from "./kit.ts";

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function parse(form: string, ...lines: readonly string[]): Promise<readonly unknown[]> {
  const ran = await run(["parse", form, "--json"], { clock: systemClock(), inputPieces: () => pieces(lines.join("\n")) });
  expect(ran).toMatchObject({ code: 0, err: "" });
  return ran.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

test("parse serial: a line of SIP and a factory name hold a serial number too [video 1.3] [video 1.4]", async () => {
  expect(await parse("serial", "From: <sip:r@x>;tag=1;epid=8203AAAABBCCCV", "StudioX30-AABBCCFD")).toEqual([
    { serial: "8203AAAABBCCCV", mac: "00e0dbaabbcc" },
    { model: "Studio X30", mac: "00e0dbaabbcc" },
  ]);
});

test.each([
  [
    "user-agent: an application with its MAC [prov 4.8]",
    "user-agent",
    "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application",
    {
      vendor: "Poly",
      family: "uc-phone",
      model: "CCX 600",
      mac: "482567b5313f",
      type: "application",
      running: { application: "8.0.2.3267" },
    },
  ],
  [
    "user-agent: an Updater [prov 4.5]",
    "user-agent",
    "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater",
    { vendor: "Polycom", family: "soundpoint", model: "SoundStation IP 6000", type: "updater", running: { updater: "5.0.3.1667" } },
  ],
  [
    "user-agent: nothing marks which program it is, so no version is claimed [prov 4.4]",
    "user-agent",
    "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.1.0275",
    { vendor: "Polycom", family: "soundpoint", model: "SoundPoint IP 335" },
  ],
  [
    "user-agent: a Studio X [prov 4.11]",
    "user-agent",
    "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application",
    { vendor: "Poly", family: "video-os", model: "Studio X30", type: "application", running: { application: "3.10.0_362035" } },
  ],
  [
    "sip-user-agent: with the maker's version before it [uc 7.1]",
    "sip-user-agent",
    "Polycom/5.5.2.8571 PolycomVVX-VVX_310-UA/5.5.2.8571",
    { vendor: "Polycom", family: "uc-phone", model: "VVX 310", running: { application: "5.5.2.8571" } },
  ],
  [
    "sip-user-agent: with the MAC after the version [uc 7.2]",
    "sip-user-agent",
    "PolyEdge-Edge_E350-UA/8.3.1.0614_482567aabbcc",
    { vendor: "Poly", family: "uc-phone", model: "Edge E350", mac: "482567aabbcc", running: { application: "8.3.1.0614" } },
  ],
  [
    "sip-user-agent: a Group [video 1.6]",
    "sip-user-agent",
    "PolycomRealPresenceGroup700/6.2.0",
    { vendor: "Polycom", family: "group", model: "RealPresence Group 700", running: { application: "6.2.0" } },
  ],
  [
    "sip-user-agent: an HDX with a release that cannot be ordered [video 1.6]",
    "sip-user-agent",
    "Polycom HDX 8000 HD (Release - 2.5.0.8_ne-4035)",
    { vendor: "Polycom", family: "hdx", model: "HDX 8000", running: { application: "2.5.0.8_ne-4035" } },
  ],
  [
    "lldp-description: model, part number and both programs from one text [snmp 5.1.5]",
    "lldp-description",
    "Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.6.0.18519/15-Nov-17 23:08;UP/5.8.0.23953/15-Nov-17 23:29;",
    {
      vendor: "Polycom",
      family: "uc-phone",
      model: "VVX 311",
      partNumber: "3111-48350-001",
      revision: "1",
      running: { application: "5.6.0.18519", updater: "5.8.0.23953" },
    },
  ],
  [
    "lldp-description: CDP flattened into one line [snmp 5.2.1]",
    "lldp-description",
    "Polycom VVX 250|Updater:6.4.6.2681|App:6.4.6.2681",
    { vendor: "Polycom", family: "uc-phone", model: "VVX 250", running: { application: "6.4.6.2681", updater: "6.4.6.2681" } },
  ],
  [
    "dhcp-option60: text as hex [prov 2a.2]",
    "dhcp-option60",
    "506f6c79636f6d2d565658343131",
    { vendor: "Polycom", family: "uc-phone", model: "VVX 411" },
  ],
  [
    "serial: a video system's holds half its MAC [video 1.1]",
    "serial",
    "8L21ABAABBCCFD",
    { serial: "8L21ABAABBCCFD", mac: "00e0dbaabbcc" },
  ],
  ["serial: a phone's is its MAC [uc 2.1]", "serial", "0004F2AABBCC", { serial: "0004f2aabbcc", mac: "0004f2aabbcc" }],
  [
    "version: a Group's with words before it",
    "version",
    "Release - 6.2.2.8-670021",
    { text: "6.2.2.8-670021", parts: [6, 2, 2, 8], build: "670021", comparable: true },
  ],
  [
    "version: a tag cannot be ordered",
    "version",
    "2.5.0.8_ne-4035",
    { text: "2.5.0.8_ne-4035", parts: [2, 5, 0, 8], build: "4035", tag: "ne", comparable: false },
  ],
])("parse %s", async (_what, form, line, expected) => {
  expect(await parse(form, line)).toEqual([expected]);
});

test.each(["user-agent", "sip-user-agent", "lldp-description", "dhcp-option60", "serial", "version"])(
  "parse %s: a line that is not ours, and an empty one, give an empty object each",
  async (form) => {
    expect(await parse(form, "Cisco-CP7960G/8.0", "", "ü\u0000", "x")).toEqual([{}, {}, {}, {}]);
  },
);

test("parse: one spelling per model over all forms [uc 2.7]", async () => {
  const texts = [
    ["user-agent", "FileTransport PolycomVVX-VVX_411-UA/6.4.6.0123 Type/Application"],
    ["sip-user-agent", "PolycomVVX-VVX_411-UA/6.4.6.0123"],
    ["lldp-description", "Polycom;VVX-VVX_411;3111-48450-001,1;"],
    ["lldp-description", "Polycom VVX 411"],
    ["dhcp-option60", "Polycom-VVX411"],
  ] as const;
  for (const [form, line] of texts) expect(await parse(form, line)).toMatchObject([{ model: "VVX 411", family: "uc-phone" }]);
});

test("parse: for people one line each, a dash where nothing is known", async () => {
  const ran = await run(["parse", "user-agent"], {
    clock: systemClock(),
    inputPieces: () => pieces("PolycomVVX-VVX_411-UA/6.4.6.0123\nMozilla/5.0\n"),
  });
  expect(ran.out).toBe("vendor Polycom, family uc-phone, model VVX 411, application 6.4.6.0123\n-\n");
});

test("parse: another form is wrong use, and the forms are named", async () => {
  const ran = await run(["parse", "mac"], { clock: systemClock() });
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("dhcp-option60");
});

test("parse: nothing in, nothing out", async () => {
  const ran = await run(["parse", "version", "--json"], { clock: systemClock() });
  expect(ran).toMatchObject({ code: 0, out: "" });
});

const collect = async (...texts: readonly string[]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const complete of linesOf(pieces(...texts))) lines.push(...complete);
  return lines;
};

test("linesOf(): lines over several pieces, both ends of line, a last line without one, empty lines kept", async () => {
  expect(await collect("a", "b\r", "\nc\n\n", "d")).toEqual(["ab", "c", "", "d"]);
  expect(await collect("a\n", "")).toEqual(["a"]);
  expect(await collect()).toEqual([]);
  expect(await collect("\n")).toEqual([""]);
});

test("linesOf(): a line without end costs no more than its limit", async () => {
  const [line, next] = await collect(...Array.from({ length: 100 }, () => "x".repeat(10_000)), "\nnext");
  expect(line).toHaveLength(LINE_CHARS_MAX + 1);
  expect(next).toBe("next");
});

test("linesOf(): what one piece completes comes at once, so a log that is followed is answered as it grows", async () => {
  const groups: (readonly string[])[] = [];
  for await (const complete of linesOf(pieces("a\nb\nc", "d\n", "e"))) groups.push(complete);
  expect(groups).toEqual([["a", "b"], ["cd"], ["e"]]);
});

test("parse: a line longer than the limit says nothing, and the next one is read", async () => {
  const long = `6.4.6.0123 ${"x".repeat(LINE_CHARS_MAX)}`;
  const whole = `6.4.6.0123 ${"x".repeat(LINE_CHARS_MAX - 11)}`;
  const version = { text: "6.4.6.0123", parts: [6, 4, 6, 123], comparable: true };
  expect(await parse("version", long, whole, "6.4.6.0123")).toEqual([{}, version, version]);
});

test("parse: no more is read until what was said is taken", async () => {
  const story: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    for (let piece = 1; piece <= 3; piece++) {
      story.push(`read ${piece}`);
      yield `6.4.6.${piece}\n`;
    }
  }
  await run(["parse", "version", "--json"], {
    clock: systemClock(),
    inputPieces: lines,
    drained: async () => {
      story.push("wait");
      await Promise.resolve();
      story.push("taken");
    },
  });
  expect(story).toEqual([1, 2, 3].flatMap((piece) => [`read ${piece}`, "wait", "taken"]));
});

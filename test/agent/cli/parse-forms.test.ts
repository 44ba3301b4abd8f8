/** Every text the documents print, by the form a log has it in, and what `groundswell parse` says of it. */
import { expect, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { run } from "./kit.ts";

async function parse(form: string, lines: readonly string[]): Promise<readonly unknown[]> {
  async function* input(): AsyncGenerator<string> {
    yield lines.join("\n");
  }
  const ran = await run(["parse", form, "--json"], { clock: systemClock(), inputPieces: input });
  return ran.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** What is left once the words every phone shares are taken out: model, then the rest by key. */
const phone = (vendor: string, family: string, model: string, rest: object = {}): object => ({ vendor, family, model, ...rest });
const vvx = (model: string, rest: object = {}): object => phone("Polycom", "uc-phone", `VVX ${model}`, rest);
const app = (application: string): object => ({ running: { application } });
const appType = (application: string): object => ({ type: "application", running: { application } });

type Row = readonly [what: string, line: string, expected: object];

const USER_AGENTS: readonly Row[] = [
  ["VVX 311 [prov 4.2]", "FileTransport PolycomVVX-VVX_311-UA/5.9.6.2327 Type/Application", vvx("311", appType("5.9.6.2327"))],
  ["VVX 310 without a type [prov 4.3]", "FileTransport PolycomVVX-VVX_310-UA/5.1.1.2986", vvx("310")],
  [
    "a BootROM's number [prov 4.4]",
    "FileTransport PolycomSoundPointIP-SPIP_335-UA/4.2.1.0275",
    phone("Polycom", "soundpoint", "SoundPoint IP 335"),
  ],
  [
    "the same phone's application, just as unmarked [prov 4.4]",
    "FileTransport PolycomSoundPointIP-SPIP_335-UA/3.2.1.0078",
    phone("Polycom", "soundpoint", "SoundPoint IP 335"),
  ],
  [
    "an Updater [prov 4.5]",
    "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater",
    phone("Polycom", "soundpoint", "SoundStation IP 6000", { type: "updater", running: { updater: "5.0.3.1667" } }),
  ],
  [
    "a tagged serial number [prov 4.6]",
    "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application",
    phone("Polycom", "soundpoint", "SoundStation IP 5000", { mac: "0004f2e765da", ...appType("4.0.3.7562") }),
  ],
  [
    "a Trio [prov 4.7]",
    "FileTransport PolycomRealPresenceTrio-Trio_8800-UA/7.2.2.1094 (SN:64167faabbcc) Type/Application",
    phone("Polycom", "uc-phone", "Trio 8800", { mac: "64167faabbcc", ...appType("7.2.2.1094") }),
  ],
  [
    "a CCX [prov 4.8]",
    "FileTransport PolyCCX-CCX_600-UA/8.0.2.3267 (SN:482567b5313f) Type/Application",
    phone("Poly", "uc-phone", "CCX 600", { mac: "482567b5313f", ...appType("8.0.2.3267") }),
  ],
  [
    "a CCX on 9.x [prov 4.9]",
    "FileTransport PolyCCX-CCX_500-UA/9.4.1.0508 (SN:64167f9f4c90) Type/Application",
    phone("Poly", "uc-phone", "CCX 500", { mac: "64167f9f4c90", ...appType("9.4.1.0508") }),
  ],
  [
    "an Edge E [prov 4.10]",
    "FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application",
    phone("Poly", "uc-phone", "Edge E450", appType("8.0.0.15602")),
  ],
  [
    "a Studio X [prov 4.11]",
    "FileTransport G_SERIES-PolyStudioX30-UA/3.10.0_362035 Type/Application",
    phone("Poly", "video-os", "Studio X30", appType("3.10.0_362035")),
  ],
  [
    "a microbrowser [prov 4.12]",
    "Microbrowser/1.1 PolycomSoundPointIP-SPIP_550-UA/4.0.15.1047 Type/Application",
    phone("Polycom", "soundpoint", "SoundPoint IP 550", appType("4.0.15.1047")),
  ],
  [
    "a Group, by its Android runtime [prov 4.13]",
    "Dalvik/1.6.0 (Linux; U; Android 4.0.3; mars Build/IML74K)",
    { vendor: "Polycom", family: "group" },
  ],
  [
    "the Trio Visual+ [prov 4.15]",
    "FileTransport PolycomRealPresenceTrio-Trio_Visual+-UA/5.4.0.12197 Type/Application",
    phone("Polycom", "uc-phone", "Trio Visual+", appType("5.4.0.12197")),
  ],
  [
    "a version with letters [prov 4.15]",
    "FileTransport PolycomSoundPointIP-SPIP_550-UA/4.0.0B.1234A Type/Application",
    phone("Polycom", "soundpoint", "SoundPoint IP 550", appType("4.0.0B.1234A")),
  ],
];

const SIP_AGENTS: readonly Row[] = [
  ["a version before the name [uc 7.1]", "Polycom/5.5.2.8571 PolycomVVX-VVX_310-UA/5.5.2.8571", vvx("310", app("5.5.2.8571"))],
  ["VVX 350 [uc 7.1]", "PolycomVVX-VVX_350-UA/5.8.0.13337", vvx("350", app("5.8.0.13337"))],
  ["a Trio [uc 7.1]", "PolycomRealPresenceTrio-Trio_8800-UA/5.4.0.12197", phone("Polycom", "uc-phone", "Trio 8800", app("5.4.0.12197"))],
  [
    "an Edge E with its MAC [uc 7.2]",
    "PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59",
    phone("Poly", "uc-phone", "Edge E350", { mac: "f04ea4691c59", ...app("8.3.1.0614") }),
  ],
  [
    "a SoundPoint [uc 7.1]",
    "PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009",
    phone("Polycom", "soundpoint", "SoundPoint IP 550", app("4.0.15.1009")),
  ],
  ["a Group [video 1.6]", "PolycomRealPresenceGroup700/6.2.0", phone("Polycom", "group", "RealPresence Group 700", app("6.2.0"))],
  ["an HDX [video 1.6]", "Polycom HDX 9006 (Release - 3.0.6-37004)", phone("Polycom", "hdx", "HDX 9006", app("3.0.6-37004"))],
  [
    "an HDX on a special build [video 1.6]",
    "Polycom HDX 8000 HD (Release - 2.5.0.8_ne-4035)",
    phone("Polycom", "hdx", "HDX 8000", app("2.5.0.8_ne-4035")),
  ],
  ["an HDX in one word [video 1.6]", "PolycomHDX4000/3.1.0", phone("Polycom", "hdx", "HDX 4000", app("3.1.0"))],
];

const DESCRIPTIONS: readonly Row[] = [
  [
    "the full form [snmp 5.1.6] [snmp 5.1.10]",
    "Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.6.0.18519/15-Nov-17 23:08;UP/5.8.0.23953/15-Nov-17 23:29;",
    vvx("311", {
      partNumber: "3111-48350-001",
      revision: "1",
      running: { application: "5.6.0.18519", updater: "5.8.0.23953" },
    }),
  ],
  [
    "missing parts and a BootROM [snmp 5.1.10]",
    "Polycom;SoundPointIP-SPIP_550;;SIP/4.0.15.1047/01-Jan-20 10:00;BR/4.2.2.0710/01-Jan-10 10:00",
    phone("Polycom", "soundpoint", "SoundPoint IP 550", { running: { application: "4.0.15.1047", updater: "4.2.2.0710" } }),
  ],
  [
    "a part number where the model is missing [prov 6.7]",
    "Polycom;;3111-48450-001,2;",
    vvx("411", { partNumber: "3111-48450-001", revision: "2" }),
  ],
  ["the system name [snmp 5.1.5]", "Polycom VVX 311", vvx("311")],
  ["a CDP platform [snmp 5.2.1]", "Polycom SoundPoint IP 550", phone("Polycom", "soundpoint", "SoundPoint IP 550")],
  [
    "CDP's version alone [snmp 5.2.1]",
    "Updater: 5.6.5.6003, App: 5.4.5.6840",
    { running: { application: "5.4.5.6840", updater: "5.6.5.6003" } },
  ],
  [
    "CDP flattened [snmp 5.2.1]",
    "Polycom VVX 250|Updater:6.4.6.2681|App:6.4.6.2681",
    vvx("250", { running: { application: "6.4.6.2681", updater: "6.4.6.2681" } }),
  ],
  ["CDP flattened, without the Updater [snmp 5.2.1]", "Polycom VVX 250|App:6.4.6.2681", vvx("250", app("6.4.6.2681"))],
  [
    "a Lync phone, of no family of ours [snmp 1.9] [snmp 5.1.16]",
    "Lync Phone Edition - POLYCOM_CX600_Rev-5",
    { vendor: "Polycom", model: "CX600", revision: "5" },
  ],
  ["an address: another maker's [snmp 5.1.14]", "172.24.130.15", {}],
  ["a Cisco phone [snmp 5.2.2]", "Cisco IP Phone 7960", {}],
];

const sub = (code: number, text: string): string => Buffer.from([code, text.length, ...Buffer.from(text)]).toString("hex");
const BINARY = [
  sub(1, "Polycom"),
  sub(2, "SoundPointIP-SPIP_601"),
  sub(3, "2345-11605-001,2"),
  sub(4, "SIP/2.2.0.0047/08-Jun-07 10:44"),
  sub(5, "BR/3.1.0.0131/28-Apr-05 13:30"),
].join("");
const OPTION_60 = `0000363d${(BINARY.length / 2).toString(16)}${BINARY}`;
const SOUNDPOINT_601 = phone("Polycom", "soundpoint", "SoundPoint IP 601", {
  partNumber: "2345-11605-001",
  revision: "2",
  running: { application: "2.2.0.0047", updater: "3.1.0.0131" },
});
const CLASSES: readonly Row[] = [
  ["text [prov 2a.2]", "Polycom-VVX411", vvx("411")],
  ["text as hex [prov 2a.2]", "506f6c79636f6d2d5353495036303030", phone("Polycom", "soundpoint", "SoundStation IP 6000")],
  ["text as hex with code and length [prov 2a.1]", "3c0d506f6c792d5656582d44323330", phone("Poly", "uc-phone", "VVX D230")],
  ["sub-options [prov 2a.1] [prov 2a.8]", OPTION_60, SOUNDPOINT_601],
  ["sub-options with code and length [prov 2a.1]", `3c${(OPTION_60.length / 2).toString(16)}${OPTION_60}`, SOUNDPOINT_601],
  ["sub-options with DHCP's end behind them [prov 2a.9]", `${OPTION_60}ff`, SOUNDPOINT_601],
  ["another maker's", "Cisco Systems, Inc. IP Phone CP-7960G", {}],
];

const VERSIONS: readonly Row[] = [
  ["a phone's with leading zeros [uc 9.8]", "6.4.6.0123", { text: "6.4.6.0123", parts: [6, 4, 6, 123], comparable: true }],
  [
    "letters inside and at the end [uc 9.8]",
    "4.4.0B.1234A",
    { text: "4.4.0B.1234A", parts: [4, 4, 0, 1234], tag: "B_A", comparable: false },
  ],
  ["REST's with the date", "7.2.1.1000 01-Feb-22 10:00", { text: "7.2.1.1000", parts: [7, 2, 1, 1000], comparable: true }],
  ["a boot block's", "3.0.6.0002 (65290-001)", { text: "3.0.6.0002", parts: [3, 0, 6, 2], comparable: true }],
  [
    "a Group's [video 1a.8]",
    "Release - 6.2.2.8-670021",
    { text: "6.2.2.8-670021", parts: [6, 2, 2, 8], build: "670021", comparable: true },
  ],
  ["an HDX's", 'version "Release - 3.1.14-56008"', { text: "3.1.14-56008", parts: [3, 1, 14], build: "56008", comparable: true }],
  [
    "a special build's [video 1a.8]",
    "2.5.0.8_ne-4035",
    { text: "2.5.0.8_ne-4035", parts: [2, 5, 0, 8], build: "4035", tag: "ne", comparable: false },
  ],
  ["VideoOS's", "3.10.0_362035", { text: "3.10.0_362035", parts: [3, 10, 0], build: "362035", comparable: true }],
  ["VideoOS's as shown", "4.2.0-387310", { text: "4.2.0-387310", parts: [4, 2, 0], build: "387310", comparable: true }],
  ["a VSX's", "Release 9.0.6.2-103 - 04Sep2011 21:27", { text: "9.0.6.2-103", parts: [9, 0, 6, 2], build: "103", comparable: true }],
  ["an RMX's [snmp 3.2]", "RMX.8.4.0.100", { text: "8.4.0.100", parts: [8, 4, 0, 100], comparable: true }],
  ["an LLDP part's", "SIP/5.6.0.18519/15-Nov-17 23:08", { text: "5.6.0.18519", parts: [5, 6, 0, 18519], comparable: true }],
  ["a USB device's", "2.25", { text: "2.25", parts: [2, 25], comparable: true }],
  ["the USB catalogue's for it [lens 6.7]", "0225_0_0", { text: "0225_0_0", parts: [2, 25, 0, 0], comparable: false }],
  ["another of its spellings [lens 6.7]", "3861.3039.100", { text: "3861.3039.100", parts: [38, 61, 3039, 100], comparable: false }],
  ["a placeholder is none", "3.1.0.XXXX", {}],
  ["a build alone is none", "366027", {}],
];

const SERIALS: readonly Row[] = [
  ["a Studio X's [video 1.1]", "8L21AAAABBCCFD", { serial: "8L21AAAABBCCFD", mac: "00e0dbaabbcc" }],
  ["a Group's [video 1.1]", "8213AAAABBCCCV", { serial: "8213AAAABBCCCV", mac: "00e0dbaabbcc" }],
  ["a phone's [uc 2.1]", "0004F2E765DA", { serial: "0004f2e765da", mac: "0004f2e765da" }],
  ["thirteen characters", "8213AAAABBCCC", {}],
];

const FORMS: Readonly<Record<string, readonly Row[]>> = {
  "user-agent": USER_AGENTS,
  "sip-user-agent": SIP_AGENTS,
  "lldp-description": DESCRIPTIONS,
  "dhcp-option60": CLASSES,
  version: VERSIONS,
  serial: SERIALS,
};

for (const [form, rows] of Object.entries(FORMS)) {
  test.each(rows)(`parse ${form}: %s`, async (_what, line, expected) => {
    expect(await parse(form, [line])).toEqual([expected]);
  });
}

test("parse: one answer for each line, in the order of the lines, over all forms", async () => {
  for (const [form, rows] of Object.entries(FORMS)) {
    expect(
      await parse(
        form,
        rows.map(([, line]) => line),
      ),
    ).toEqual(rows.map(([, , expected]) => expected));
  }
});

import { expect, test } from "vitest";
import { filesOf, parseFiles, placeOf, REPLAY_SECRET, type Recording } from "../../../agent/recording/format.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { OWNER, recordingOf } from "./kit.ts";

const version = (text: string): Version => text as Version;

test("filesOf(): a file for each door that was asked, and three more; parseFiles() reads them back", () => {
  const recording = recordingOf(OWNER);
  const files = filesOf(recording, ["canary-002", "canary-001"]);
  expect([...files.keys()]).toEqual(["https.json", "snmp.json", "ssh.json", "sip.json", "look.json", "expected.json", "secrets.json"]);
  const read = parseFiles(files);
  expect(read.expected).toEqual(recording.expected);
  expect(read.look).toEqual(recording.look);
  expect(read.doors.https?.certificate).toEqual(recording.doors.https?.certificate);
  expect(read.mustNotAppear).toEqual(["canary-001", "canary-002", REPLAY_SECRET]);
});

function withSnmp(exchanges: NonNullable<Recording["doors"]["snmp"]>["exchanges"]): Recording {
  return { ...recordingOf(OWNER), doors: { snmp: { exchanges } } };
}

test("filesOf(): which ask came first is chance and makes no difference; which of two equal asks did, does", () => {
  const ask = { version: "2c", walk: "1.2" };
  const [one, two] = [
    { ask, answer: { "1.2.3.4.5.1": { integer: 1 } } },
    { ask, answer: { "1.2.3.4.5.1": { integer: 2 } } },
  ];
  const other = { ask: { version: "2c", walk: "1.1" }, fault: { kind: "unreachable", via: "snmp" } as const };
  expect(filesOf(withSnmp([one, other, two]), [])).toEqual(filesOf(withSnmp([other, one, two]), []));
  expect(filesOf(withSnmp([one, two]), [])).not.toEqual(filesOf(withSnmp([two, one]), []));
});

test("filesOf(): rows of a table stand in the order of a walk", () => {
  const answer = { "1.2.3.4.5.10": { integer: 1 }, "1.2.3.4.5.9": { integer: 2 }, "1.2.3.4.5.100.1": { integer: 3 } };
  const text = filesOf(withSnmp([{ ask: { walk: "1.2" }, answer }]), []).get("snmp.json") ?? "";
  expect(text.match(/1\.2\.3\.4\.5\.[\d.]+/g)).toEqual(["1.2.3.4.5.9", "1.2.3.4.5.10", "1.2.3.4.5.100.1"]);
});

test("parseFiles(): a missing or foreign file is a mistake of ours and says so", () => {
  const files = new Map(filesOf(recordingOf(OWNER), []));
  files.delete("look.json");
  expect(() => parseFiles(files)).toThrow();
  expect(() => parseFiles(new Map([...filesOf(recordingOf(OWNER), []), ["sip.json", '{"schema":"other/1"}']]))).toThrow();
});

test.each([
  [{ family: "uc-phone", model: "VVX 450", running: { application: version("6.4.6.2494") } }, "uc-phone/vvx-450_6.4.6.2494"],
  [{ family: "video-os", model: "Studio X50", running: { application: version("4.1.0-383250") } }, "video-os/studio-x50_4.1.0-383250"],
  [{ family: "switch", model: "../../Ünübliche/Name" }, "switch/n-bliche-name_unknown"],
  [{}, "unknown/unknown_unknown"],
] as const)("placeOf(): %j is %s", (facts, place) => {
  expect(placeOf({ facts })).toBe(place);
});

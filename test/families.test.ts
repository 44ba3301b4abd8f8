/**
 * Every recorded device: its driver, run against the recording, knows it and reads it as it was read, and shows no secret.
 * A new folder is a new test. What holds for the list of families is in protocols/families/index.test.ts.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { probeDocument, probeText } from "../agent/cli/probe-view.ts";
import { placeOf } from "../agent/recording/format.ts";
import { redact } from "../agent/recording/redact.ts";
import { expectedOf } from "../agent/recording/visit.ts";
import { identifyDevice } from "../protocols/families/identify.ts";
import { families, familyOf } from "../protocols/families/index.ts";
import { recognise } from "../protocols/families/recognise.ts";
import { lensRecordings, readRecorded } from "./support/lens-recording.ts";
import { readFolder, replayIo, replayTarget } from "./support/replay.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const never = new AbortController().signal;

/** `family/model_version`, with what sets two recordings of one model and version apart behind another `_`. */
const places = families
  .filter(({ addressless }) => addressless !== true)
  .flatMap(({ id }) => foldersIn(join(FIXTURES, id)).map((name) => `${id}/${name}`));

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

test("fixtures: every family has recorded devices", () => {
  const recorded = new Set([...places.map((place) => place.split("/")[0]), ...(lensRecordings().length > 0 ? ["lens-only"] : [])]);
  expect(families.map(({ id }) => id).filter((id) => !recorded.has(id))).toEqual([]);
});

describe.each(lensRecordings())("lens-only/%s", (name, { answers, read }) => {
  test("recording: its driver reads it as it did, and asks Lens nothing that was not recorded", async () => {
    expect(JSON.parse(JSON.stringify(await readRecorded(answers)))).toEqual(read);
  });

  test("recording: its folder is named after what it is, and what is read shows no address of the outside", () => {
    const spelt = read.facts.model?.toLowerCase().replaceAll(" ", "-");
    expect(name).toBe(`${spelt}_${read.facts.running?.application}`);
    expect(JSON.stringify(read)).not.toContain("externalIp");
  });
});

describe.each(places)("%s", (place) => {
  const { folder, files } = readFolder(join(FIXTURES, place));
  const { expected } = folder;

  test("recording: its folder is named after what it is", () => {
    expect(place.replace(/^([^_]*_[^_]*)_.*$/, "$1")).toBe(placeOf(expected));
    expect(place.split("/")[0]).toBe(expected.family);
  });

  test("recording: its doors speak for its family, and for no other with more certainty", () => {
    const { family, ambiguous = [] } = recognise(folder.look, families, 0);
    expect([family?.id, ...ambiguous]).toContain(expected.family);
  });

  test("recording: its driver identifies and reads it as it did", async () => {
    const identified = await identifyDevice(replayTarget(folder), replayIo(folder), never);
    expect(JSON.parse(JSON.stringify(expectedOf(expected.visit, identified)))).toEqual(expected);
  });

  test("recording: a short look says nothing else of version and use than the full read", async () => {
    const family = familyOf(expected.family ?? "generic-snmp");
    const look = await family?.look(replayTarget(folder), replayIo(folder), never);
    // A switch tells its version only in a table that a look does not walk.
    expect([undefined, expected.facts.running?.application]).toContain(look?.facts.running?.application);
    expect(look?.inUse.state).toBe(expected.inUse?.state);
  });

  test("recording: nothing that was read of it, in any form it is shown in, holds a secret", async () => {
    const identified = await identifyDevice(replayTarget(folder), replayIo(folder), never);
    const { address } = expected.visit;
    const shown = [identified, probeDocument(address, identified), probeText(address, identified, false)].map((one) => JSON.stringify(one));
    expect(folder.mustNotAppear.length).toBeGreaterThan(0);
    for (const secret of folder.mustNotAppear) expect(shown.join("\n")).not.toContain(secret);
  });

  test("recording: nothing in it names a device, a network or a person", () => {
    expect(redact(folder, []).replaced).toEqual({});
    for (const text of files.values()) expect(text.endsWith("\n")).toBe(true);
  });
});

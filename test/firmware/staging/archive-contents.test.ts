import { expect, test } from "vitest";
import { describeArchive, isVersionText, type UnpackedFile } from "../../../firmware/staging/archive-contents.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";

const file = (path: string, sizeBytes = 7): UnpackedFile => ({ path, sizeBytes, sha256: "a".repeat(64) as Sha256 });

test("describeArchive(): a release with images per part number is split, even with a combined one beside them", () => {
  const files = [file("sip.ld"), file("UC/3111-48840-001.SIP.LD"), file("notes.txt")];
  const found = describeArchive(files, ["6.4.6.2494", "SIP/6.4.6.2494 of 7.2.23"]);
  expect(found).toMatchObject({ ok: true, value: { kind: "splitRelease", versions: ["6.4.6.2494", "7.2.23"], files } });
  expect(found.ok && found.value.images.map(({ partNumber }) => partNumber)).toEqual([undefined, "3111-48840-001"]);
});

test("describeArchive(): without a version text the images alone say what it is", () => {
  expect(describeArchive([file("sip.ld")], [])).toMatchObject({ ok: true, value: { kind: "combinedRelease", versions: [] } });
});

test.each([
  ["no image", [file("3111-48840-001.ld"), file("x3111-48840-001.sip.ld"), file("sip.ld.txt")], "noFirmware"],
  ["two combined images", [file("a/sip.ld"), file("b/sip.ld")], "severalReleases"],
  ["an empty image", [file("sip.ld", 0)], "damaged"],
] as const)("describeArchive(): %s is refused", (_what, files, why) => {
  expect(describeArchive(files, [])).toMatchObject({ ok: false, fault: { why } });
});

test("describeArchive(): versions are three numbers and more, and a bounded count of them", () => {
  const text = Array.from({ length: 50 }, (_, at) => `6.4.${at}`).join(" ");
  const versions = (said: string) => {
    const found = describeArchive([file("sip.ld")], [said]);
    return found.ok && found.value.versions;
  };
  expect([versions("6.4 1.2.3.4.5.6.7 v5.9.5.0614"), versions(text)]).toEqual([["5.9.5.0614"], text.split(" ").slice(0, 10)]);
});

test("isVersionText(): by its name, wherever it lies", () => {
  expect(["sip.ver", "UC/SIP.VER", "sip.version", "xsip.ver"].map(isVersionText)).toEqual([true, true, false, false]);
});

import { expect, test } from "vitest";
import { entryOf } from "../../../agent/commands/catalogue.ts";
import { decodeCommand } from "../../../agent/commands/decode.ts";
import { release } from "../../firmware/waves/builders.ts";

const HASH = "ab".repeat(32);

test("firmware commands: only an approver's word makes a file a release; looking is anybody's", () => {
  const roles = ["firmware.accept", "firmware.reject", "firmware.fetch", "firmware.quarantine", "firmware.offers"] as const;
  expect(roles.map((verb) => entryOf(verb).role)).toEqual(["approver", "technician", "technician", "viewer", "viewer"]);
});

test("firmware.accept: hashes are spelled one way, and the document is read whole", () => {
  const decoded = decodeCommand("firmware.accept", { hashes: [HASH.toUpperCase()], release: release() });
  expect(decoded).toMatchObject({ args: { hashes: [HASH], release: { agent: ">=0.1.0", revoked: false }, reason: "" } });
});

test.each([
  ["no hash", { hashes: [], release: release() }],
  ["half a hash", { hashes: [HASH.slice(1)], release: release() }],
  ["a document with a member nobody knows", { hashes: [HASH], release: { ...release(), surprise: 1 } }],
  ["a target that climbs", { hashes: [HASH], release: { ...release(), images: [{ ...release().images[0], target: "../x" }] } }],
])("firmware.accept: %s is refused", (_name, args) => {
  expect(decodeCommand("firmware.accept", args)).toMatchObject({ code: "badArguments" });
});

test("firmware.fetch, firmware.notes, firmware.licences: what could leave its place in a path or a table is refused", () => {
  for (const [verb, args] of [
    ["firmware.fetch", { source: "portal", key: "a", partNumber: "../x" }],
    ["firmware.fetch", { source: "folder", key: "a" }],
    ["firmware.notes", { key: "../../x" }],
    ["firmware.licences", { key: "a/b", serials: ["8L11"] }],
    ["firmware.licences", { key: "a", serials: ["=cmd()"] }],
  ] as const)
    expect(decodeCommand(verb, args)).toMatchObject({ code: "badArguments" });
});

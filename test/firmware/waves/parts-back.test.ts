import { expect, test } from "vitest";
import { mayPartsLeave, waitsFor } from "../../../firmware/waves/parts-back.ts";
import type { CoupledPart } from "../../../protocols/core/device.ts";
import { videoOsUpdate } from "../../../protocols/families/video-os-update.ts";

const panel = (changes: Partial<CoupledPart> = {}): CoupledPart => ({
  model: "TC8",
  serial: "8L21A0AABB02FD",
  connected: true,
  ...changes,
});
const before = { from: "4.1.0-383250", wanted: "4.2.0-387310", partsBefore: [panel(), panel({ serial: "x", connected: false })] };
const facts = { running: { application: "4.2.0-387310" } };

test("waitsFor(): the panel that was there and no other, and a reboot its settings ask for", () => {
  expect(waitsFor(videoOsUpdate, before, { facts, parts: [panel()], rebootNeeded: false })).toBeUndefined();
  expect(waitsFor(videoOsUpdate, before, { facts, parts: [panel({ connected: false })] })).toBe("its TC8");
  expect(waitsFor(videoOsUpdate, before, { facts })).toBe("its TC8");
  expect(waitsFor(videoOsUpdate, { ...before, partsBefore: [] }, { facts })).toBeUndefined();
  expect(waitsFor(videoOsUpdate, before, { facts, parts: [panel()], rebootNeeded: true })).toContain("reboot");
  expect(waitsFor(videoOsUpdate, before, { facts: {} })).toBe("its version");
});

test("mayPartsLeave(): one that is there with the version it had; not one that is newer, was away before, or is away now", () => {
  const old = panel({ version: "4.1.0-210812" });
  expect(mayPartsLeave([old], [old])).toBe(true);
  expect(mayPartsLeave([old], [{ ...old, version: "4.2.0-220000" }])).toBe(false);
  expect(mayPartsLeave([{ ...old, connected: false }], [old])).toBe(false);
  expect(mayPartsLeave([old], [])).toBe(false);
  expect(mayPartsLeave([panel({ serial: "x" })], [panel({ serial: "y" })])).toBe(false);
});

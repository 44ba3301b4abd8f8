import { expect, test } from "vitest";
import { waitsFor } from "../../../firmware/waves/parts-back.ts";
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

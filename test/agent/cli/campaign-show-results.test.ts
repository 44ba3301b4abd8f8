import { expect, test } from "vitest";
import { heldDevicesSchema, pieceSchema, plannedDevicesSchema } from "../../../agent/cli/campaign-show-results.ts";

test("pieceSchema: what a later agent says of a device stays for scripts; a piece without its plan's hash is none", () => {
  const piece = { planHash: "ab", of: 1, devices: [{ name: "p-1", later: true }] };
  expect(pieceSchema.parse(piece)).toEqual(piece);
  expect(pieceSchema.safeParse({ ...piece, planHash: undefined }).success).toBe(false);
});

test("plannedDevicesSchema, heldDevicesSchema: what decides may not be missing", () => {
  const task = { name: "p-1", model: "VVX 450", from: "1", to: "2", legs: [{ to: "2", reversibility: "in_place" }] };
  expect(plannedDevicesSchema.parse([task])).toEqual([task]);
  expect(plannedDevicesSchema.safeParse([{ ...task, to: undefined }]).success).toBe(false);
  const held = { name: "p-2", code: "offline", why: "it does not answer" };
  expect(heldDevicesSchema.parse([held])).toEqual([held]);
  expect(heldDevicesSchema.safeParse([{ ...held, why: undefined }]).success).toBe(false);
});

/**
 * Part numbers of boards and the model each belongs to: names a device that states only its part number, and shows where
 * two sources contradict each other. Never the reason to update: a phone states its own part number, and newer boards are in
 * no public table. Pure.
 */
import type { DeviceFacts } from "../core/device.ts";
import { familyOfModel, normaliseModel } from "./models.ts";

/** Source: protocols/provisioning.md 6 (Polypy's table; SIP 3.1 guide; Poly FAQ 30582; ISE and fusioninventory records; a Trio teardown). */
export const PART_NUMBERS: Readonly<Record<string, string>> = {
  "2345-11402-001": "SoundPoint IP 430",
  "2345-11605-001": "SoundPoint IP 601",
  "2345-12200-001": "SoundPoint IP 330",
  "2345-12200-002": "SoundPoint IP 320",
  "2345-12360-001": "SoundPoint IP 321",
  "2345-12365-001": "SoundPoint IP 331",
  "2345-12375-001": "SoundPoint IP 335",
  "2345-12450-001": "SoundPoint IP 450",
  "2345-12500-001": "SoundPoint IP 550",
  "2345-12560-001": "SoundPoint IP 560",
  "2345-12600-001": "SoundPoint IP 650",
  "2345-12670-001": "SoundPoint IP 670",
  "2345-17960-001": "VVX 1500",
  "3111-15600-001": "SoundStation IP 6000",
  "3111-17823-001": "VVX D60",
  "3111-30900-001": "SoundStation IP 5000",
  "3111-40000-001": "SoundStation IP 7000",
  "3111-40250-001": "VVX 101",
  "3111-40450-001": "VVX 201",
  "3111-44500-001": "VVX 500",
  "3111-44600-001": "VVX 600",
  // These two end in -002, and 46157 is no VVX 300.
  "3111-46135-002": "VVX 300",
  "3111-46157-002": "VVX 400",
  "3111-46161-001": "VVX 310",
  "3111-46162-001": "VVX 410",
  "3111-48300-001": "VVX 301",
  "3111-48350-001": "VVX 311",
  "3111-48400-001": "VVX 401",
  "3111-48450-001": "VVX 411",
  "3111-48500-001": "VVX 501",
  "3111-48600-001": "VVX 601",
  "3111-48810-001": "VVX 150",
  "3111-48820-001": "VVX 250",
  "3111-48830-001": "VVX 350",
  "3111-48840-001": "VVX 450",
  "3111-65290-001": "Trio 8800",
};

/** `dddd-ddddd`: other endings of one board are other bundles of the same hardware, unless the table tells them apart. */
const BOARD_CHARS = "3111-48450".length;
const byBoard = new Map<string, string | undefined>();
for (const [partNumber, model] of Object.entries(PART_NUMBERS)) {
  const board = partNumber.slice(0, BOARD_CHARS);
  byBoard.set(board, byBoard.has(board) ? undefined : model);
}

/** `undefined` for a part number no source names: most newer models. */
export function modelOfPartNumber(partNumber: string): string | undefined {
  if (!/^\d{4}-\d{5}-\d{3}$/.test(partNumber)) return undefined;
  return PART_NUMBERS[partNumber] ?? byBoard.get(partNumber.slice(0, BOARD_CHARS));
}

/** Facts with the model and family of their part number, where they state no model themselves. */
export function withModelOfPart(facts: DeviceFacts): DeviceFacts {
  const model = facts.model === undefined && facts.partNumber !== undefined ? modelOfPartNumber(facts.partNumber) : undefined;
  if (model === undefined) return facts;
  const family = familyOfModel(model);
  return { ...facts, model, ...(family === undefined ? {} : { family }) };
}

/** For people: how the part number and the stated model contradict each other; `undefined` where they do not, or nothing is known. */
export function partContradiction({ model, partNumber }: DeviceFacts): string | undefined {
  if (model === undefined || partNumber === undefined) return undefined;
  const listed = modelOfPartNumber(partNumber);
  if (listed === undefined || listed === normaliseModel(model)) return undefined;
  return `part number ${partNumber} belongs to ${listed}, not ${model}`;
}

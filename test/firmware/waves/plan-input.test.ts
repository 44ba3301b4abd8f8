import { expect, test } from "vitest";
import { isSelected } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Selection } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, release } from "./builders.ts";

const told: Candidate = candidate(1, { place: { room: "a", floor: "1", duties: [] } });
const { model: _model, ...nameless } = told;

test.each<[string, Candidate, Selection, boolean]>([
  ["nothing narrowed", told, {}, true],
  ["its model", told, { models: ["VVX 450"] }, true],
  ["another model", told, { models: ["VVX 250"] }, false],
  ["its floor", told, { floors: ["1"] }, true],
  ["another floor", told, { floors: ["2"] }, false],
  ["its room", told, { rooms: ["a", "b"] }, true],
  ["another room", told, { rooms: ["b"] }, false],
  ["its room on another floor", told, { rooms: ["a"], floors: ["2"] }, false],
  ["an empty list", told, { devices: [] }, false],
  ["its own name", told, { devices: [deviceOf(1)] }, true],
  ["another device's name", told, { devices: [deviceOf(2)] }, false],
  ["its name, on another floor", told, { devices: [deviceOf(1)], floors: ["2"] }, false],
  ["nothing narrowed, for a device of another family", { ...told, family: "video-os" }, {}, false],
  ["nothing narrowed, for a model the release is not for", { ...told, model: "VVX 601" }, {}, false],
  ["nothing narrowed, for a device of unknown model", nameless, {}, false],
  ["its name, for a device the release is not for", { ...told, family: "video-os" }, { devices: [deviceOf(1)] }, true],
])("isSelected(): %s", (_, one, selection, selected) => {
  expect(isSelected(one, selection, release())).toBe(selected);
});

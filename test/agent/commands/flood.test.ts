import { expect, test } from "vitest";
import { FLOOD_PERIOD_MS, floodSum } from "../../../agent/commands/flood.ts";
import { NOW } from "./kit.ts";

test("floodSum(): the first of a reason gets a row, the others of its period are only summed", () => {
  const floods = floodSum();
  expect(floods.note("badSignature", NOW)).toBe(1);
  for (let i = 1; i <= 5; i++) expect(floods.note("badSignature", NOW + i)).toBeUndefined();
});

test("floodSum(): reasons do not hide each other", () => {
  const floods = floodSum();
  floods.note("badSignature", NOW);
  expect(floods.note("unknownKey", NOW + 1)).toBe(1);
});

test("floodSum(): the row of the next period stands for those summed before it", () => {
  const floods = floodSum();
  for (let i = 0; i < 4; i++) floods.note("expired", NOW);
  expect(floods.note("expired", NOW + FLOOD_PERIOD_MS)).toBe(4);
  expect(floods.note("expired", NOW + FLOOD_PERIOD_MS * 2)).toBe(1);
});

test("floodSum(): due() gives each sum once, after its period, and none where there was no flood", () => {
  const floods = floodSum();
  for (let i = 0; i < 3; i++) floods.note("expired", NOW);
  floods.note("early", NOW);
  expect(floods.due(NOW + FLOOD_PERIOD_MS - 1)).toEqual([]);
  expect(floods.due(NOW + FLOOD_PERIOD_MS)).toEqual([{ code: "expired", count: 2 }]);
  expect(floods.due(NOW + FLOOD_PERIOD_MS)).toEqual([]);
});

test("floodSum(): whatever the pace, rows and sums together count every request", () => {
  const floods = floodSum();
  let counted = 0;
  let atMs = NOW;
  for (let i = 0; i < 500; i++) {
    counted += floods.note("expired", atMs) ?? 0;
    if (i % 7 === 0) for (const { count } of floods.due(atMs)) counted += count;
    atMs += (i * 397) % 3_000;
  }
  for (const { count } of floods.due(atMs + FLOOD_PERIOD_MS)) counted += count;
  expect(counted).toBe(500);
});

test("floodSum(): a clock that went backwards does not silence the audit", () => {
  const floods = floodSum();
  floods.note("expired", NOW);
  expect(floods.note("expired", NOW - 60_000)).toBe(1);
});

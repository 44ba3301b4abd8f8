import { expect, test } from "vitest";
import { storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const roster = (version: number, document = `v${version}`) => ({ version, document, atMs: T0 });

test("save(): versions only move forward", () => {
  const kept = temporaryStore().roster;
  expect(kept.newest()).toBeUndefined();
  expect([kept.save(roster(2)), kept.save(roster(1)), kept.save(roster(2, "other")), kept.save(roster(3))]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(kept.newest()).toEqual(roster(3));
});

test("save(): an older or equal version leaves the document as it was signed", () => {
  const kept = temporaryStore().roster;
  kept.save(roster(2));
  kept.save(roster(2, "other"));
  expect(kept.newest()?.document).toBe("v2");
});

test("noteTime(): the highest time ever seen is kept when the clock runs backwards", () => {
  const { marks } = temporaryStore();
  expect(marks.highestTime()).toBeUndefined();
  expect([marks.noteTime(T0), marks.noteTime(T0 - 60_000), marks.highestTime()]).toEqual([T0, T0, T0]);
});

test("noteTime(): it survives a restart", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  first.marks.noteTime(T0);
  first.marks.raiseEpoch();
  first.close();
  const { marks } = storeIn(directory);
  expect([marks.noteTime(T0 - 1), marks.epoch()]).toEqual([T0, 1]);
});

test("raiseEpoch(): counts restores from 0 on", () => {
  const { marks } = temporaryStore();
  expect([marks.epoch(), marks.raiseEpoch(), marks.raiseEpoch(), marks.epoch()]).toEqual([0, 1, 2, 2]);
});

test("marks: time, epoch and the count of events do not touch each other", () => {
  const { marks, outbox } = temporaryStore();
  marks.noteTime(T0);
  expect([marks.raiseEpoch(), outbox.nextSequence(), marks.highestTime()]).toEqual([1, 1, T0]);
});

test("acceptTime(): the latest time is what a person says, and rises again from there", () => {
  const { marks } = temporaryStore();
  marks.noteTime(T0 + 1_000);
  marks.acceptTime(T0);
  expect(marks.highestTime()).toBe(T0);
  expect(marks.noteTime(T0 + 5)).toBe(T0 + 5);
});

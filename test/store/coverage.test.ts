import { expect, test } from "vitest";
import { device, deviceId, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const ID = deviceId(1);

function store() {
  const made = temporaryStore();
  for (const number of [1, 2]) made.devices.save(device(number));
  return made;
}

test("save(): the state holds since it began, another reason for it does not begin anew", () => {
  const { coverage } = store();
  coverage.save({ device: ID, state: "covered", doc: { until: "2027-01-01" } }, T0);
  coverage.save({ device: ID, state: "covered", doc: { until: "2028-01-01" } }, T0 + 1);
  expect(coverage.load(ID)).toEqual({ device: ID, state: "covered", sinceMs: T0, doc: { until: "2028-01-01" } });
  coverage.save({ device: ID, state: "lapsed", doc: {} }, T0 + 2);
  expect(coverage.load(ID)?.sinceMs).toBe(T0 + 2);
  expect(coverage.count()).toEqual({ covered: 0, expiring: 0, lapsed: 1, notCovered: 0, unknown: 0 });
});

test("asOf(): each device as it stood at that moment, absent before it was decided", () => {
  const { coverage } = store();
  coverage.save({ device: ID, state: "notCovered", doc: {} }, T0);
  coverage.save({ device: ID, state: "covered", doc: {} }, T0 + 10);
  coverage.save({ device: deviceId(2), state: "covered", doc: {} }, T0 + 20);
  const states = (atMs: number) => [...coverage.asOf(atMs).values()].map(({ state }) => state);
  expect([T0 - 1, T0 + 9, T0 + 10, T0 + 20].map(states)).toEqual([[], ["notCovered"], ["covered"], ["covered", "covered"]]);
});

test("notice(): one end is told once, over a restart too; another end anew", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  first.devices.save(device(1));
  expect(first.coverage.notice(ID, "2027-01-19", 60, T0)).toBe(true);
  first.close();
  const { coverage } = storeIn(directory);
  expect(coverage.notice(ID, "2027-01-19", 60, T0 + 1)).toBe(false);
  expect([coverage.notice(ID, "2027-01-19", 30, T0), coverage.notice(ID, "2028-01-19", 60, T0)]).toEqual([true, true]);
});

test("saveRegistration(): a piece of hardware is one row whatever becomes of it", () => {
  const { coverage } = store();
  coverage.saveRegistration({ key: "k", device: ID, serial: "S-1", state: "sending", atMs: T0 });
  coverage.saveRegistration({ key: "k", device: ID, serial: "S-1", state: "registered", atMs: T0 + 1, reference: "REG-7" });
  expect(coverage.registrations()).toEqual([
    { key: "k", device: ID, serial: "S-1", state: "registered", atMs: T0 + 1, reference: "REG-7" },
  ]);
});

test("saveAttestation(): the newest of a month is kept", () => {
  const { coverage } = store();
  const one = { month: "2026-11", atMs: T0, signedSha256: "a", pdfSha256: "b" };
  coverage.saveAttestation(one);
  coverage.saveAttestation({ ...one, atMs: T0 + 1, pdfSha256: "c" });
  expect(coverage.attestation("2026-11")).toEqual({ ...one, atMs: T0 + 1, pdfSha256: "c" });
  expect(coverage.attestation("2026-10")).toBeUndefined();
});

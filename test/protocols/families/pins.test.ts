import { expect, test } from "vitest";
import { createPins, type PinRow, trustBy } from "../../../protocols/families/pins.ts";

const TLS: PinRow = { device: "64167faabbcc", via: "tls", fingerprint: "ab".repeat(32) };
const SSH: PinRow = { device: "64167faabbcc", via: "ssh", fingerprint: "SHA256:one" };

test("createPins(): the first of each door stays, and is told once", () => {
  const told: PinRow[] = [];
  const pins = createPins([], (row) => told.push(row));
  for (const row of [TLS, SSH, { ...SSH, fingerprint: "SHA256:two" }, TLS]) pins.keep(row);
  expect(pins.of(TLS.device)).toEqual({ tlsFingerprint: TLS.fingerprint, sshFingerprint: "SHA256:one" });
  expect(pins.of("64167f000001")).toEqual({});
  expect(told).toEqual([TLS, SSH]);
});

test("createPins(): what was saved is known and not told again; what a person forgets is kept anew", () => {
  const told: PinRow[] = [];
  const pins = createPins([SSH], (row) => told.push(row));
  pins.keep({ ...SSH, fingerprint: "SHA256:two" });
  expect(told).toEqual([]);
  pins.forget(SSH.device);
  expect(pins.of(SSH.device)).toEqual({});
  pins.keep({ ...SSH, fingerprint: "SHA256:two" });
  expect(pins.of(SSH.device)).toEqual({ sshFingerprint: "SHA256:two" });
});

test("createPins(): what is left alone is so until a person forgets it", () => {
  const pins = createPins();
  pins.leave("d");
  expect([pins.isLeft("d"), pins.isLeft("e")]).toEqual([true, false]);
  pins.forget("d");
  expect(pins.isLeft("d")).toBe(false);
});

test("createPins(): stays bounded, the oldest go first", () => {
  const pins = createPins();
  for (let i = 0; i <= 40_000; i++) pins.keep({ ...SSH, device: `d${i}` });
  expect([pins.of("d0"), pins.of("d1")]).toEqual([{}, { sshFingerprint: "SHA256:one" }]);
});

test.each([
  ["any", "a pin", "any"],
  ["pin", undefined, "pin"],
  ["first", "a pin", "pin"],
  ["first", undefined, "any"],
] as const)("trustBy(): %s with %s is %s", (trust, pin, wanted) => expect(trustBy({ trust }, pin)).toBe(wanted));

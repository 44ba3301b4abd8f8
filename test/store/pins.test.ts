import { expect, test } from "vitest";
import { T0, temporaryStore } from "./temporary.ts";

const SSH = { device: "64167faabbcc", via: "ssh", fingerprint: "SHA256:one", atMs: T0 } as const;
const TLS = { ...SSH, via: "tls", fingerprint: "ab".repeat(32), atMs: T0 + 1 } as const;

test("keep(): the first stays, with its time", () => {
  const { pins } = temporaryStore();
  for (const row of [SSH, TLS, { ...SSH, fingerprint: "SHA256:two", atMs: T0 + 9 }]) pins.keep(row);
  expect(pins.all()).toEqual([SSH, TLS]);
  expect(pins.ofDevice(SSH.device)).toEqual([SSH, TLS]);
});

test("forget(): tells what is forgotten, of that device only", () => {
  const { pins } = temporaryStore();
  const other = { ...SSH, device: "64167f000001" };
  for (const row of [SSH, other]) pins.keep(row);
  expect(pins.forget(SSH.device)).toEqual([SSH]);
  expect(pins.forget(SSH.device)).toEqual([]);
  expect(pins.all()).toEqual([other]);
});

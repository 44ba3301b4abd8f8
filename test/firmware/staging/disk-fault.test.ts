import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diskFault } from "../../../firmware/staging/disk-fault.ts";

const failed = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { syscall: "write", code });

test.each(["ENOSPC", "EDQUOT"])("diskFault(): %s is a full disk", (code) => {
  expect(diskFault(failed(code), "here")).toEqual({
    kind: "refused",
    via: "depot",
    reason: expect.stringMatching(/^the disk is full; .*free space/),
  });
});

test("diskFault(): the rest is named by call and code, and by place where one is given", () => {
  expect(diskFault(failed("EIO"))).toEqual({ kind: "unreachable", via: "depot", detail: "write: EIO" });
  expect(diskFault(failed("EIO"), '"/depot"')).toEqual({ kind: "unreachable", via: "depot", detail: '"/depot": write: EIO' });
});

test("diskFault(): a real error of the system is one", () => {
  let error: unknown;
  try {
    readFileSync("/proc/self/mem-is-not-here");
  } catch (caught) {
    error = caught;
  }
  expect(diskFault(error)).toEqual({ kind: "unreachable", via: "depot", detail: "open: ENOENT" });
});

test("diskFault(): a bug goes on, also one with a code", () => {
  for (const bug of [new TypeError("no"), Object.assign(new Error("no"), { code: "ERR_INVALID_ARG_TYPE" }), "no"])
    expect(() => diskFault(bug)).toThrow();
});

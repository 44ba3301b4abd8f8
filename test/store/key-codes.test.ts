import { expect, test } from "vitest";
import type { KeyCodeRow } from "../../store/key-codes.ts";
import { T0, temporaryStore } from "./temporary.ts";

const row = (changes: Partial<KeyCodeRow> = {}) => ({
  serial: "8213AAAABBCCCV",
  release: 6 as const,
  atMs: T0,
  actor: "doe",
  file: "keys.csv",
  sealed: Buffer.from("sealed one"),
  ...changes,
});

test("save(), list(): one for a serial number and release, the newer in place of the older; the list holds no code", () => {
  const { keyCodes } = temporaryStore();
  keyCodes.save(row());
  keyCodes.save(row({ release: "any" }));
  keyCodes.save({ ...row({ atMs: T0 + 1, actor: "anna" }), sealed: Buffer.from("sealed two") });
  const { sealed: _sealed, ...plain } = row();
  expect(keyCodes.list()).toEqual([
    { ...plain, atMs: T0 + 1, actor: "anna" },
    { ...plain, release: "any" },
  ]);
  expect(keyCodes.sealed("8213AAAABBCCCV", 6)?.toString()).toBe("sealed two");
});

test("sealed(): of another serial number or release there is none", () => {
  const { keyCodes } = temporaryStore();
  keyCodes.save(row());
  expect([keyCodes.sealed("8213AAAABBCCCV", 7), keyCodes.sealed("OTHER", 6)]).toEqual([undefined, undefined]);
});

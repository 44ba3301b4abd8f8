import { expect, test } from "vitest";
import { channelError, onDisk, repositoryAt } from "../../../agent/cli/channel-errors.ts";
import { EXIT } from "../../../agent/cli/exit-codes.ts";
import { folder } from "./kit.ts";

const failing = (code: string) => async () => {
  throw Object.assign(new Error("no"), { code, syscall: "open", path: "/a/b" });
};

test("channelError(): each kind of trouble ends with its own exit code and keeps its words", () => {
  const exits = (["missing", "exists", "damaged", "unsigned", "refused", "key", "disk"] as const).map(
    (kind) => channelError({ kind, why: "w" }).exitCode,
  );
  expect(exits).toEqual([EXIT.config, EXIT.failed, EXIT.failed, EXIT.needsConfirmation, EXIT.refusedByPolicy, EXIT.config, EXIT.failed]);
  expect(channelError({ kind: "key", why: "w", hint: "h" })).toMatchObject({ message: "w", hint: "h" });
});

test.each([
  ["ENOSPC", EXIT.failed, "the disk is full"],
  ["EACCES", EXIT.notAllowed, "not allowed"],
  ["EROFS", EXIT.notAllowed, "not allowed"],
  ["EIO", EXIT.failed, "EIO"],
])("onDisk(): %s is told with its path, exit %i", async (code, exitCode, words) => {
  await expect(onDisk(failing(code))).rejects.toMatchObject({ exitCode, message: `Cannot read or write "/a/b": ${words}` });
});

test("onDisk(): an answer goes through, our own mistake stays one", async () => {
  expect(await onDisk(async () => 7)).toBe(7);
  await expect(
    onDisk(async () => {
      throw new TypeError("ours");
    }),
  ).rejects.toThrow(TypeError);
});

test("repositoryAt(): a folder that is no channel is an error with what to do", async () => {
  await expect(repositoryAt(folder())).rejects.toMatchObject({ exitCode: EXIT.config, hint: expect.stringContaining("channel init") });
});

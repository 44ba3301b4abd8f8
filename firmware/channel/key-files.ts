/**
 * Key files on disk: only their owner reads them, none is ever written over.
 */
import { constants, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import { ok, type Result } from "../../protocols/core/fault.ts";
import { syncFolder } from "./disk.ts";
import { describeKey } from "./keys.ts";
import { type Trouble, trouble } from "./trouble.ts";

/** A sealed key takes under 700 bytes. */
const KEY_BYTES_MAX = 4_096;
const OTHERS = 0o077;

/** Writes a new key file, mode 0600, there after a power cut too; where that fails, none is left. */
export async function writeKeyFile(path: string, text: string): Promise<Result<void, Trouble>> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return trouble("exists", `"${path}" exists`, "Keys are never written over: move the old file away first.");
    return trouble("disk", `Cannot write "${path}": ${code}`);
  }
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await syncFolder(dirname(path));
    return ok(undefined);
  } catch (error) {
    await file.close().catch(() => undefined);
    // Half a key would stand in the way of the next try.
    await rm(path, { force: true });
    return trouble("disk", `Cannot write "${path}": ${codeOf(error)}`, "Nothing uses this key yet: make room, and do it again.");
  }
}

/** The text of a key file. Links are not taken, nor a key without a passphrase that others may read. */
export async function readKeyFile(path: string): Promise<Result<string, Trouble>> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK a pipe in the place of a key would never answer.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return trouble("key", `There is no key "${path}"`);
    return trouble("key", `Cannot read the key "${path}": ${code === "ELOOP" ? "it is a link" : code}`);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > KEY_BYTES_MAX) return trouble("key", `"${path}" is not a channel's key`);
    const text = (await file.readFile()).toString("utf8");
    // Sticks with FAT show one mode for every file: what lies there needs its passphrase.
    if ((stat.mode & OTHERS) !== 0 && describeKey(text)?.sealed === false) {
      return trouble(
        "key",
        `The key "${path}" is not used: others may read it, and it has no passphrase`,
        `Close it with: chmod 600 ${path}`,
      );
    }
    return ok(text);
  } finally {
    await file.close();
  }
}

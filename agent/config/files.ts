/**
 * How settings reach files and the environment: only through here.
 */

import { type FileHandle, open, readdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import { type Ms, systemClock } from "../../protocols/core/time.ts";

/** A text file with its permission bits, or why there is none; `why` names the path. */
export type TextFile = { readonly ok: true; readonly text: string; readonly mode: number } | { readonly ok: false; readonly why: string };

export interface ConfigIo {
  /** Larger files and such as are not UTF-8 are not read. */
  readText(path: string, bytesMax: number): Promise<TextFile>;
  /** Why the folder cannot be read; `undefined` where it can. Names the path. */
  folderTrouble(path: string): Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the wall, whatever clock the agent runs on: certificates end by it. */
  nowMs(): Ms;
}

/** Files of this machine. The environment is the caller's to hand over. */
export function fileConfigIo(env: ConfigIo["env"]): ConfigIo {
  return { readText, folderTrouble, env, nowMs: systemClock().nowMs };
}

async function readText(path: string, bytesMax: number): Promise<TextFile> {
  try {
    await using file = await open(path, "r");
    const { mode } = await file.stat();
    const bytes = await readAtMost(file, bytesMax);
    if (bytes === undefined) return { ok: false, why: `"${path}" is larger than ${bytesMax} bytes` };
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), mode: mode & 0o777 };
  } catch (error) {
    return { ok: false, why: `Cannot read "${path}": ${reasonOf(error)}` };
  }
}

async function folderTrouble(path: string): Promise<string | undefined> {
  try {
    await readdir(path);
    return undefined;
  } catch (error) {
    return `Cannot read the folder "${path}": ${reasonOf(error)}`;
  }
}

/** What the file's size says is not believed: a pipe or a device has none. `undefined` where there is more than `bytesMax`. */
async function readAtMost(file: FileHandle, bytesMax: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(64 * 1024) });
    if (bytesRead === 0) return Buffer.concat(pieces);
    size += bytesRead;
    if (size > bytesMax) return undefined;
    pieces.push(buffer.subarray(0, bytesRead));
  }
}

/** Why a file cannot be read, in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case "ENOENT":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "not allowed";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "it is no folder";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "it is not UTF-8 text";
    default:
      return code === "" ? "unexpected failure" : code;
  }
}

/** Keys whose value is a path. */
const PATH_KEYS = /File$|^(?:folder|dataDirectory|socket)$/;
/** `credential:NAME` is a file systemd hands over in `$CREDENTIALS_DIRECTORY`. */
const CREDENTIAL = /^credential:([A-Za-z0-9._-]{1,255})$/;

/**
 * The raw settings with every path absolute, and with the directories systemd gives where the file names none. A name with
 * `credential:` stays as it is where there is no credentials directory: reading it then says so.
 */
export function prepared(raw: Record<string, unknown>, folder: string, env: ConfigIo["env"]): Record<string, unknown> {
  const out = withPaths(raw, folder, env) as Record<string, unknown>;
  const state = env["STATE_DIRECTORY"]?.split(":")[0];
  const runtime = env["RUNTIME_DIRECTORY"]?.split(":")[0];
  if (out["dataDirectory"] === undefined && state) out["dataDirectory"] = state;
  if (out["socket"] === undefined && runtime) out["socket"] = join(runtime, "groundswell.sock");
  return out;
}

function withPaths(value: unknown, folder: string, env: ConfigIo["env"]): unknown {
  if (Array.isArray(value)) return value.map((item) => withPaths(item, folder, env));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (typeof item !== "string" || !PATH_KEYS.test(key)) return [key, withPaths(item, folder, env)];
      return [key, absolute(item, folder, env)];
    }),
  );
}

function absolute(path: string, folder: string, env: ConfigIo["env"]): string {
  const credential = CREDENTIAL.exec(path)?.[1];
  if (credential !== undefined) {
    const directory = env["CREDENTIALS_DIRECTORY"];
    return directory ? join(directory, credential) : path;
  }
  return path === "" || isAbsolute(path) ? path : join(folder, path);
}

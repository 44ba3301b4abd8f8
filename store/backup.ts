/**
 * Copies of the database while it is in use. Runs on a connection of its own, so that a thread other than the main one can do it.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { Bug } from "../protocols/core/fault.ts";
import type { Ms } from "../protocols/core/time.ts";
import { schemaVersion } from "./migrate.ts";
import { HISTORY_FILE, MAIN_FILE, openForReading } from "./open.ts";

const manifestSchema = z.strictObject({
  schema: z.literal("groundswell.backup/1"),
  atMs: z.number(),
  files: z
    .array(
      z.strictObject({
        name: z.enum([MAIN_FILE, HISTORY_FILE]),
        schemaVersion: z.int().min(0),
        sizeBytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(2),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

const MANIFEST = "manifest.json";
/** A manifest of two files is under 1 KB. */
const MANIFEST_BYTES_MAX = 16 * 1024;
const READ_BYTES = 1024 * 1024;

export interface BackupOptions {
  /** The running agent's directory. */
  readonly directory: string;
  /** Folder to make. It appears whole or not at all; one that is there already is a `Bug`. */
  readonly into: string;
  readonly atMs: Ms;
  /** History is large and not needed to go on. */
  readonly withHistory: boolean;
}

/** @throws StoreError `full`, `broken`, `busy`, `corrupt` */
export function backupStore({ directory, into, atMs, withHistory }: BackupOptions): BackupManifest {
  if (existsSync(into)) throw new Bug(`Backup ${basename(into)} is there already`);
  const partial = `${into}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    const names = withHistory ? ([MAIN_FILE, HISTORY_FILE] as const) : ([MAIN_FILE] as const);
    const files = names.map((name) => ({ name, ...copyOf(join(directory, name), join(partial, name)) }));
    const manifest: BackupManifest = { schema: "groundswell.backup/1", atMs, files };
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    for (const name of [...names, MANIFEST]) sync(join(partial, name));
    sync(partial);
    renameSync(partial, into);
    sync(dirname(into));
    return manifest;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Is this backup whole? Compares every file with its manifest. */
export function checkBackup(
  folder: string,
): { readonly ok: true; readonly manifest: BackupManifest } | { readonly ok: false; readonly why: string } {
  const path = join(folder, MANIFEST);
  if (!existsSync(path) || statSync(path).size > MANIFEST_BYTES_MAX) return { ok: false, why: "there is no manifest" };
  const manifest = manifestSchema.safeParse(parsed(readFileSync(path, "utf8")));
  if (!manifest.success) return { ok: false, why: "the manifest does not decode" };
  for (const { name, sizeBytes, sha256 } of manifest.data.files) {
    const file = join(folder, name);
    if (!existsSync(file)) return { ok: false, why: `${name} is missing` };
    if (statSync(file).size !== sizeBytes || hashOf(file) !== sha256) return { ok: false, why: `${name} is not what was written` };
  }
  return { ok: true, manifest: manifest.data };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function copyOf(from: string, to: string): { schemaVersion: number; sizeBytes: number; sha256: string } {
  closeSync(openSync(to, "wx", 0o600));
  const file = openForReading(from);
  try {
    file.run("vacuum into @to", { to });
    return { schemaVersion: schemaVersion(file), sizeBytes: statSync(to).size, sha256: hashOf(to) };
  } finally {
    file.close();
  }
}

function hashOf(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(READ_BYTES);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function sync(path: string): void {
  // Windows neither opens nor syncs folders.
  if (process.platform === "win32" && statSync(path).isDirectory()) return;
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

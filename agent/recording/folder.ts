/**
 * From a recording to a folder that may be given away: redacted, checked, and only then written.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { filesOf, RECORDED_DOORS, type Recording } from "./format.ts";
import type { Kind } from "./kinds.ts";
import { type Leak, leaksIn } from "./leaks.ts";
import { redact } from "./redact.ts";

export interface Prepared {
  readonly recording: Recording;
  readonly files: ReadonlyMap<string, string>;
  readonly replaced: Readonly<Partial<Record<Kind, number>>>;
  /** Anything here: the folder must not be written. */
  readonly leaks: readonly Leak[];
}

/** The name of the folder itself is checked too. Pure. */
export function prepare(recording: Recording, secrets: readonly string[], folder: string): Prepared {
  const { recording: clean, replaced, originals, canaries } = redact(recording, secrets);
  const files = filesOf(clean, canaries);
  const named = new Map([...files, [`the folder's name`, basename(folder)]]);
  return { recording: clean, files, replaced, leaks: leaksIn(named, originals) };
}

export type WriteProblem = { readonly kind: "exists" } | { readonly kind: "cannotWrite"; readonly code: string };

const OURS: ReadonlySet<string> = new Set([...RECORDED_DOORS, "look", "expected", "secrets"].map((name) => `${name}.json`));

/** Does it hold anything already? A folder that cannot be looked at is found out by writing. */
export async function isTaken(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length > 0,
    () => false,
  );
}

/**
 * Writes the files. With `force` what an earlier recording left in the folder goes; other files stay.
 *
 * @returns `exists` where the folder holds anything and `force` is not given, `cannotWrite` with the system's code
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  options: { readonly force: boolean },
): Promise<Result<undefined, WriteProblem>> {
  try {
    await mkdir(folder, { recursive: true });
    if (!options.force && (await isTaken(folder))) return fail({ kind: "exists" });
    const there = await readdir(folder);
    for (const name of there.filter((one) => OURS.has(one))) await rm(join(folder, name));
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    return ok(undefined);
  } catch (error) {
    return fail({ kind: "cannotWrite", code: (error as NodeJS.ErrnoException).code ?? "unknown" });
  }
}

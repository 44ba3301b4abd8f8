/**
 * Folders of rehearsals that were killed. Each says which process made it, and the next rehearsal takes away those whose process is
 * certainly gone; whatever leaves a doubt stays.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** Which process, as none after it will be again: a number comes again, the same number with the same start does not. */
const owner = z.strictObject({
  /** Of the running system; another one has other processes. */
  boot: z.string(),
  /** Whose numbers these are: those of a container are its own. */
  space: z.string(),
  pid: z.int().positive(),
  started: z.string(),
});
export type Owner = z.infer<typeof owner>;

const MARK = "owner.json";
const MARK_BYTES_MAX = 1_024;
/** Taken away at once; the rest waits for the next rehearsal. Far more than anybody kills. */
const LEFTOVERS_MAX = 100;
/** Nobody but the owner may have written in it. */
const OTHERS_MAY = 0o077;

/** `undefined` where the system does not say, or there is no such process. Source: proc(5), /proc/pid/stat field 22. */
export function ownerOf(pid: number, proc = "/proc"): Owner | undefined {
  try {
    const boot = readFileSync(join(proc, "sys/kernel/random/boot_id"), "utf8").trim();
    const space = readlinkSync(join(proc, "self/ns/pid"));
    const started = startOf(readFileSync(join(proc, `${pid}`, "stat"), "utf8"));
    return started === undefined ? undefined : { boot, space, pid, started };
  } catch {
    return undefined;
  }
}

/** The name of a program may hold spaces and brackets, so the fields are counted from the last bracket: the third comes next. */
function startOf(stat: string): string | undefined {
  return stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .at(22 - 3);
}

/** Says whose folder it is. Where the system does not tell who we are, it is left as it is, and nobody ever takes it away. */
export function markFolder(folder: string, self: Owner | undefined): void {
  if (self !== undefined) writeFileSync(join(folder, MARK), JSON.stringify(self), { mode: 0o600 });
}

/** Takes away what killed rehearsals left: our own user's folders of this name whose process is gone. @returns their paths */
export function removeLeftovers(parent: string, prefix: string, self: Owner | undefined, proc = "/proc"): readonly string[] {
  if (self === undefined) return [];
  const dead = readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name))
    .filter((folder) => isDead(folder, self, proc))
    .slice(0, LEFTOVERS_MAX);
  for (const folder of dead) rmSync(folder, { recursive: true, force: true });
  return dead;
}

function isDead(folder: string, self: Owner, proc: string): boolean {
  const made = isOurs(folder) ? markOf(folder) : undefined;
  if (made === undefined || made.boot !== self.boot || made.space !== self.space) return false;
  return isGone(made, proc);
}

function isOurs(folder: string): boolean {
  const seen = lstatSync(folder, { throwIfNoEntry: false });
  return seen?.isDirectory() === true && seen.uid === process.getuid?.() && (seen.mode & OTHERS_MAY) === 0;
}

function markOf(folder: string): Owner | undefined {
  const mark = join(folder, MARK);
  const seen = lstatSync(mark, { throwIfNoEntry: false });
  if (seen?.isFile() !== true || seen.size > MARK_BYTES_MAX) return undefined;
  try {
    return owner.safeParse(JSON.parse(readFileSync(mark, "utf8"))).data;
  } catch {
    // Half written, or taken away by another rehearsal meanwhile.
    return undefined;
  }
}

/** Its number is free, or another process has it by now. One that cannot be read lives on. */
function isGone({ pid, started }: Owner, proc: string): boolean {
  try {
    const now = startOf(readFileSync(join(proc, `${pid}`, "stat"), "utf8"));
    return now !== undefined && now !== started;
  } catch (error) {
    return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");
  }
}

/**
 * A folder files are dropped into by hand. A file counts once it lay unchanged from one reading to the next; what it is called
 * decides nothing, and nothing in it is believed before a person accepts its hash.
 */
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import { fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";
import { hintOf } from "../staging/hint.ts";
import { type Inside, lookInside } from "../staging/inside.ts";
import { inspectFile } from "../staging/inspect.ts";
import { asSourceFault, type FoundFile, type RefusedRelease, type SourceFault, type SourceListing, type UnsignedSource } from "./source.ts";

/** What tells that a file is as it was. The change time cannot be set by whoever writes: new bytes under an old date show. */
type Fingerprint = string;

interface Seen {
  readonly print: Fingerprint;
  readonly sinceMs: Ms;
  /** Known once it was read whole. */
  readonly known?: { readonly sha256: Sha256; readonly inside: Inside };
}

/** Two looks at a file this far apart with the same size and times: nobody writes it. A copy over a stalled share pauses longer seldom. A guess. */
const SETTLE_MS: Ms = 10 * SECOND;
/** A release has a few dozen files. */
export const FOLDER_FILES_MAX = 500;
/** The largest image a release may name. */
const FILE_BYTES_MAX = 4 * 1024 ** 3;
const VERSION_FILE = "sip.ver";
const VERSION_BYTES = 4 * 1024;
/** Names that copying programs give to what is not whole yet, and hidden files. */
const unfinished = /^\.|~$|\.(?:part|partial|tmp|temp|crdownload|download|filepart|swp)$/i;

export function folderSource(folder: string, io: { readonly clock: Clock }): UnsignedSource {
  let seen = new Map<string, Seen>();
  return {
    kind: "folder",
    async read(signal) {
      const names = await namesIn(folder);
      if (!names.ok) return names;
      const passedOver: RefusedRelease[] = [];
      const versionText = await versionBeside(folder);
      const next = new Map<string, Seen>();
      const files: FoundFile[] = [];
      const unsettled: string[] = [];
      for (const name of names.value) {
        const looked = await look({ folder, name }, seen.get(name), io.clock, signal);
        if ("why" in looked) passedOver.push({ document: name, why: looked.why });
        else {
          next.set(name, looked);
          const { known, sizeBytes } = looked;
          if (known !== undefined) files.push({ name, sizeBytes, ...known, hint: hintOf(name, versionText) });
          else unsettled.push(name);
        }
      }
      seen = next;
      return ok({ offerings: [], files, unsettled, passedOver } satisfies SourceListing);
    },
  };
}

async function namesIn(folder: string): Promise<Result<readonly string[], SourceFault>> {
  try {
    const names = (await readdir(folder)).filter((name) => !unfinished.test(name) && name !== VERSION_FILE).sort();
    if (names.length <= FOLDER_FILES_MAX) return ok(names);
    return fail(asSourceFault({ kind: "overBudget", via: "depot", budget: "items", limit: FOLDER_FILES_MAX }));
  } catch (error) {
    return fail(asSourceFault({ kind: "unreachable", via: "depot", detail: `"${folder}": ${codeOf(error)}` }));
  }
}

/** What is there of one file; a link, a folder or a pipe is passed over. */
async function look(
  { folder, name }: { readonly folder: string; readonly name: string },
  before: Seen | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<(Seen & { readonly sizeBytes: number }) | { readonly why: string }> {
  const path = join(folder, name);
  const nowMs = clock.nowMs();
  const facts = await factsOf(path);
  if ("why" in facts) return facts;
  const { print, sizeBytes } = facts;
  if (before?.print !== print) return { print, sinceMs: nowMs, sizeBytes };
  if (before.known !== undefined) return { ...before, sizeBytes };
  if (nowMs - before.sinceMs < SETTLE_MS) return { ...before, sizeBytes };
  const read = await inspectFile(path, signal);
  if (!read.ok) return { why: "it cannot be read: may the agent read it?" };
  const inside = await lookInside(path, name, { clock }, signal);
  if (!inside.ok) return { why: `it cannot be looked into: ${showFault(inside.fault)}` };
  const after = await factsOf(path);
  // Somebody wrote while it was read: what was hashed may never have lain there.
  if ("why" in after || after.print !== print) return { print: "why" in after ? "" : after.print, sinceMs: nowMs, sizeBytes };
  return { ...before, sizeBytes, known: { sha256: read.value.sha256, inside: inside.value } };
}

async function factsOf(path: string): Promise<{ readonly print: Fingerprint; readonly sizeBytes: number } | { readonly why: string }> {
  try {
    const facts = await lstat(path);
    if (!facts.isFile()) return { why: "it is no plain file" };
    if (facts.size === 0) return { why: "it is empty" };
    if (facts.size > FILE_BYTES_MAX) return { why: `it has ${facts.size} bytes; an image has at most ${FILE_BYTES_MAX}` };
    return { print: [facts.ino, facts.size, facts.mtimeMs, facts.ctimeMs].join(" "), sizeBytes: facts.size };
  } catch (error) {
    return { why: codeOf(error) === "ENOENT" ? "it went away" : "it cannot be looked at" };
  }
}

async function versionBeside(folder: string): Promise<string | undefined> {
  try {
    if (!(await lstat(join(folder, VERSION_FILE))).isFile()) return undefined;
    await using file = await open(join(folder, VERSION_FILE), "r");
    const { bytesRead, buffer } = await file.read(Buffer.alloc(VERSION_BYTES), 0, VERSION_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString("latin1");
  } catch {
    return undefined; // a hint less
  }
}

/**
 * What phones upload: logs and overrides, one newest file per device and kind, under names made by us. A log that grows beyond
 * its cap keeps its newest part.
 */
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../core/fault.ts";
import { type Mac, parseMac } from "../core/ids.ts";
import { limit } from "../core/limit.ts";

export type UploadKind = "boot.log" | "app.log" | "phone.cfg" | "web.cfg";

/**
 * `tooLarge`: this file; `full`: the folder; `cutShort`: the sender went away; `disk`: it could not be written; `gap`: it goes on
 * where our file does not end yet; `overtaken`: another upload of the same file ended first.
 */
export type UploadFault = "tooLarge" | "full" | "cutShort" | "disk" | "gap" | "overtaken";

export interface UploadBody {
  readonly pieces: AsyncIterable<Buffer>;
  /** What the sender says how much comes. */
  readonly declaredBytes?: number;
  /** It goes on after so many bytes of the file that is here; what lies behind them is replaced. */
  readonly after?: number;
}

export interface UploadCaps {
  readonly logBytes: number;
  readonly overrideBytes: number;
  /** Of all files together, those still arriving included. */
  readonly totalBytes: number;
  /** Files under different names: anybody can invent a MAC. */
  readonly files: number;
}

export interface Uploads {
  /**
   * Saves one file in place of the device's older one of that kind, whole or not at all.
   * @returns the size in bytes
   */
  save(mac: Mac, kind: UploadKind, body: UploadBody): Promise<Result<number, UploadFault>>;
  /** Bytes of the newest file of that kind; `undefined` where there is none. */
  sizeOf(mac: Mac, kind: UploadKind): number | undefined;
  /** What lies here, in no order. */
  list(): readonly { readonly mac: Mac; readonly kind: UploadKind }[];
  /** The newest file of that kind; `undefined` where there is none. */
  read(mac: Mac, kind: UploadKind): Promise<Buffer | undefined>;
  /** Removes the file as long as it holds these bytes: a newer one stays. */
  drop(mac: Mac, kind: UploadKind, bytes: Uint8Array): Promise<void>;
}

export const UPLOAD_CAPS: UploadCaps = {
  logBytes: 2 * 1024 * 1024,
  overrideBytes: 512 * 1024,
  totalBytes: 512 * 1024 * 1024,
  files: 40_000,
};

/** Opens the folder and removes what an earlier stop left half written. */
export async function openUploads(folder: string, caps: UploadCaps = UPLOAD_CAPS): Promise<Uploads> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const sizes = new Map<string, number>();
  // Kept files and those still arriving; a file that is about to be replaced counts until it is.
  let totalBytes = 0;
  for (const name of await readdir(folder)) {
    if (name.endsWith(".part")) await rm(join(folder, name), { force: true });
    else {
      const { size } = await lstat(join(folder, name));
      sizes.set(join(folder, name), size);
      totalBytes += size;
    }
  }
  let sequence = 0;
  /** Which of the uploads made the file that is here. */
  const madeBy = new Map<string, number>();
  /** A file that comes and one that goes must not pass each other. */
  const places = limit(1);
  const read: Uploads["read"] = async (mac, kind) => {
    const path = join(folder, `${mac}-${kind}`);
    return sizes.has(path) ? readFile(path).catch(() => undefined) : undefined;
  };
  return {
    list: () => [...sizes.keys()].flatMap((path) => namedBy(path.slice(folder.length + 1))),
    read,
    sizeOf: (mac, kind) => sizes.get(join(folder, `${mac}-${kind}`)),
    drop: (mac, kind, bytes) =>
      places.run(async () => {
        const path = join(folder, `${mac}-${kind}`);
        const found = await read(mac, kind);
        if (found === undefined || !found.equals(bytes)) return;
        await rm(path, { force: true });
        sizes.delete(path);
        totalBytes -= found.length;
      }),
    async save(mac, kind, body) {
      const path = join(folder, `${mac}-${kind}`);
      const turn = sequence++;
      const partial = `${path}.${turn}.part`;
      const [before, beforeBytes] = [madeBy.get(path), sizes.get(path) ?? 0];
      const cap = kind.endsWith(".log") ? caps.logBytes : caps.overrideBytes;
      const full = (): boolean => totalBytes - (sizes.get(path) ?? 0) > caps.totalBytes;
      const { declaredBytes = 0, after = 0 } = body;
      if (declaredBytes > cap) return fail("tooLarge");
      if (after > beforeBytes) return fail("gap");
      if (!sizes.has(path) && sizes.size >= caps.files) return fail("full");
      let bytes = 0;
      const arrived = (pieceBytes: number): UploadFault | undefined => {
        bytes += pieceBytes;
        totalBytes += pieceBytes;
        if (bytes > cap) return "tooLarge";
        return full() ? "full" : undefined;
      };
      const placed = async (): Promise<UploadFault | undefined> => {
        if (after > 0 && madeBy.get(path) !== before) return "overtaken";
        const failed = await moved(partial, path);
        if (failed !== undefined) return failed;
        totalBytes -= sizes.get(path) ?? 0;
        sizes.set(path, bytes);
        madeBy.set(path, turn);
        return undefined;
      };
      const fault = (await writeFile(partial, joined(path, keptOf(body, cap), body.pieces), arrived)) ?? (await places.run(placed));
      if (fault !== undefined) {
        await rm(partial, { force: true });
        totalBytes -= bytes;
        return fail(fault);
      }
      return ok(bytes);
    },
  };
}

const FILE = /^([0-9a-f]{12})-(boot\.log|app\.log|phone\.cfg|web\.cfg)$/;

function namedBy(name: string): { readonly mac: Mac; readonly kind: UploadKind }[] {
  const [, text = "", kind] = FILE.exec(name) ?? [];
  const mac = parseMac(text);
  return mac === undefined || kind === undefined ? [] : [{ mac, kind: kind as UploadKind }];
}

/** From which byte to which the file that is here stays; of one that would pass its cap the newest half at most. */
export function keptOf(
  { after = 0, declaredBytes }: Pick<UploadBody, "after" | "declaredBytes">,
  cap: number,
): { from: number; to: number } {
  const half = Math.floor(cap / 2);
  const fits = after + (declaredBytes ?? half) <= cap;
  const most = fits ? after : Math.min(after, half, cap - (declaredBytes ?? half));
  return { from: after - most, to: after };
}

/** That part of the file, then what comes. */
async function* joined(path: string, { from, to }: { readonly from: number; readonly to: number }, pieces: AsyncIterable<Buffer>) {
  if (to > from) {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      yield* file.createReadStream({ start: from, end: to - 1, autoClose: false }) as AsyncIterable<Buffer>;
    } finally {
      await file.close();
    }
  }
  yield* pieces;
}

async function moved(from: string, to: string): Promise<UploadFault | undefined> {
  try {
    await rename(from, to);
    return undefined;
  } catch {
    return "disk";
  }
}

/** Writes what arrives, as long as `arrived` has nothing against it. */
async function writeFile(
  path: string,
  pieces: AsyncIterable<Buffer>,
  arrived: (pieceBytes: number) => UploadFault | undefined,
): Promise<UploadFault | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch {
    return "disk";
  }
  let failure: UploadFault = "cutShort";
  try {
    for await (const piece of pieces) {
      const fault = arrived(piece.length);
      if (fault !== undefined) return fault;
      failure = "disk";
      await file.write(piece);
      failure = "cutShort";
    }
    failure = "disk";
    await file.sync();
    return undefined;
  } catch {
    // The sender's socket or our disk: which one is known by what was under way.
    return failure;
  } finally {
    await file.close();
  }
}

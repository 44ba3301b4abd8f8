/**
 * Copies of what passes to the customer's server or comes from there: a phone's overrides and logs, kept when that server took or
 * gave them whole, and never otherwise. Personal files are not copied.
 */
import type { Mac } from "../core/ids.ts";
import type { Desk, Exchange } from "./exchange.ts";
import { restFrom } from "./request.ts";
import { UPLOAD_CAPS, type UploadKind } from "./uploads.ts";

/** How a request ended: the customer's server took (or gave) it whole; it surely changed nothing there; or nobody knows. */
export type CopyEnd = "taken" | "unchanged" | "unknown";

/** @param isWhole  everything the phone sent was passed on */
export function copyEndOf({
  status,
  fault,
  isWhole,
}: {
  status?: number | undefined;
  fault?: string | undefined;
  isWhole: boolean;
}): CopyEnd {
  if (status !== undefined) return status >= 300 ? "unchanged" : isWhole ? "taken" : "unknown";
  return isWhole && !NEVER_THERE.has(fault ?? "") ? "unknown" : "unchanged";
}

/** The request never reached anybody. Source: errno(3). */
const NEVER_THERE: ReadonlySet<string> = new Set(["unasked", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

export interface UploadCopy {
  /** A piece as it passes. Beyond its bounds the copy is given up; nothing waits for it. */
  take(piece: Buffer): void;
  end(how: CopyEnd): Promise<void>;
}

export interface UploadCopies {
  /** Of a request whose body is on its way; `undefined` where nothing of it concerns us. */
  ofUpload(exchange: Exchange): UploadCopy | undefined;
  /** Of an override file that is on its way to its phone. */
  ofAnswer(exchange: Exchange, headers: { readonly "content-encoding"?: string | undefined }): UploadCopy | undefined;
  /** Is the copy kept here older than what the customer's server has, as far as this life of ours knows? */
  isOld(mac: Mac, kind: UploadKind): boolean;
}

/** Bytes of copies on their way, over all of them: room for a thousand small ones. Judgement. */
export const COPIES_BYTES: number = 64 * 1024 * 1024;
/** Of one block: no sender makes us keep an object for each byte. */
const BLOCK_BYTES = 64 * 1024;
const capOf = (kind: UploadKind): number => (kind.endsWith(".log") ? UPLOAD_CAPS.logBytes : UPLOAD_CAPS.overrideBytes);
/** Files remembered as old; of more none is known to be new. */
const OLD_MAX = 20_000;

export function createUploadCopies(desk: Pick<Desk, "uploads" | "knows" | "onEvent">): UploadCopies {
  let heldBytes = 0;
  const old = new Set<string>();
  const keyOf = (mac: Mac, kind: UploadKind): string => `${mac}-${kind}`;

  const missed = (mac: Mac, file: UploadKind, why: string): void => {
    if (file.endsWith(".log") || old.has(keyOf(mac, file))) return;
    if (old.size < OLD_MAX) old.add(keyOf(mac, file));
    desk.onEvent({ kind: "copyMissed", mac, file, why });
  };

  const copyOf = (mac: Mac, kind: UploadKind, { after, why }: { readonly after?: number; readonly why?: string }): UploadCopy => {
    const blocks: Buffer[] = [];
    let [bytes, over, endedAlready] = [0, why, false];
    const giveUp = (because: string): void => {
      over ??= because;
      heldBytes -= blocks.length * BLOCK_BYTES;
      blocks.length = 0;
    };
    return {
      take(piece) {
        for (let at = 0; at < piece.length && over === undefined; ) {
          const used = bytes % BLOCK_BYTES;
          if (used === 0) {
            if (bytes >= capOf(kind)) return giveUp("it is too large");
            if (heldBytes + BLOCK_BYTES > COPIES_BYTES) return giveUp("too many come at once");
            heldBytes += BLOCK_BYTES;
            blocks.push(Buffer.allocUnsafe(BLOCK_BYTES));
          }
          const copied = piece.copy(blocks.at(-1) as Buffer, used, at);
          at += copied;
          bytes += copied;
        }
      },
      async end(how) {
        if (endedAlready) return;
        endedAlready = true;
        if (how === "taken" && over === undefined) {
          const pieces = blocks.map((block, i) => block.subarray(0, Math.min(BLOCK_BYTES, bytes - i * BLOCK_BYTES)));
          const saved = await desk.uploads.save(mac, kind, { pieces: iterated(pieces), after: after ?? 0, declaredBytes: bytes });
          if (saved.ok) {
            old.delete(keyOf(mac, kind));
            desk.onEvent({ kind: "upload", mac, file: kind, bytes: saved.value });
          } else missed(mac, kind, saved.fault);
        } else if (how !== "unchanged") missed(mac, kind, over ?? "nobody knows how it ended");
        giveUp("it is over");
      },
    };
  };
  const isOurs = (mac: Mac): boolean => desk.knows?.(mac) ?? true;

  return {
    ofUpload({ request, read: { asked } }) {
      if (asked.kind !== "log" && asked.kind !== "override") return undefined;
      const { method, headers } = request;
      if (method === "GET" || method === "HEAD" || method === "OPTIONS" || !isOurs(asked.mac)) return undefined;
      const kind: UploadKind = asked.kind === "log" ? `${asked.which}.log` : `${asked.which}.cfg`;
      if (method !== "PUT") return copyOf(asked.mac, kind, { why: `it was changed by ${method}` });
      if (isCoded(headers)) return copyOf(asked.mac, kind, { why: "it is compressed" });
      if (headers["content-length"] === "0") return copyOf(asked.mac, kind, { why: "it is empty" });
      const part = headers["content-range"];
      const from = part === undefined ? 0 : restFrom(part);
      if (from === undefined || (from > 0 && asked.kind === "override")) return copyOf(asked.mac, kind, { why: "it is part of a file" });
      // What goes on after more than is here begins anew: of a log the newest part is worth most.
      return copyOf(asked.mac, kind, { after: from === desk.uploads.sizeOf(asked.mac, kind) ? from : 0 });
    },
    ofAnswer({ request, read: { asked } }, headers) {
      if (request.method !== "GET" || asked.kind !== "override" || !isOurs(asked.mac) || isCoded(headers)) return undefined;
      return copyOf(asked.mac, `${asked.which}.cfg`, {});
    },
    isOld: (mac, kind) => old.has(keyOf(mac, kind)) || old.size >= OLD_MAX,
  };
}

function isCoded(headers: { readonly "content-encoding"?: string | string[] | undefined }): boolean {
  const coding = headers["content-encoding"];
  return coding !== undefined && String(coding).trim().toLowerCase() !== "identity";
}

async function* iterated(pieces: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* pieces;
}

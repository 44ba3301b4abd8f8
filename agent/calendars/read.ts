/**
 * One read of a room's calendar: fetched or opened within limits, then read. Runs in a thread of its own.
 */
import { open } from "node:fs/promises";
import { type FetchLimits, fetchBytes } from "../../firmware/staging/get.ts";
import type { Meeting } from "../../firmware/waves/calendar-feed.ts";
import { codeOf } from "../../protocols/core/error-code.ts";
import { fail, ok, type Result, showFault } from "../../protocols/core/fault.ts";
import { type Clock, SECOND } from "../../protocols/core/time.ts";
import { type Expansion, expandFeed, type Unreadable } from "./ical.ts";

/** Plain data, for the thread. */
export interface ReadOrder extends Expansion {
  readonly from: { readonly url: string; readonly caFile?: string } | { readonly file: string };
}

/** A busy room has some 200 kB a year; a line that brings less than a kilobyte in ten seconds brings no calendar either. */
export const FEED_LIMITS: FetchLimits = { bytes: 8 * 1024 * 1024, timeMs: 30 * SECOND, windowMs: 10 * SECOND, windowBytes: 1_000 };

/** When the room is taken; a fault in words that hold nothing of the feed, nor of its address: that is often its only secret. */
export async function readFeed(
  order: ReadOrder,
  io: { readonly clock: Clock },
  signal: AbortSignal,
): Promise<Result<Meeting[], Unreadable>> {
  const bytes = "file" in order.from ? await fileBytes(order.from.file) : await webBytes(order.from, io.clock, signal);
  return bytes.ok ? expandFeed(bytes.value.toString("utf8"), order) : bytes;
}

async function webBytes(
  { url, caFile }: { readonly url: string; readonly caFile?: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<Buffer, Unreadable>> {
  const roots = caFile === undefined ? ok(undefined) : await fileBytes(caFile);
  if (!roots.ok) return roots;
  const ca = roots.value === undefined ? {} : { ca: roots.value.toString("utf8") };
  const got = await fetchBytes({ url: new URL(url), ...ca }, FEED_LIMITS, clock, signal);
  if (!got.ok) return fail({ why: showFault(got.fault) });
  const { status, body } = got.value;
  return status === 200 ? ok(body) : fail({ why: `its server answers with status ${status}` });
}

async function fileBytes(path: string): Promise<Result<Buffer, Unreadable>> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > FEED_LIMITS.bytes) return fail({ why: `it is larger than ${FEED_LIMITS.bytes} octets` });
    return ok(await file.readFile());
  } catch (error) {
    return fail({ why: `its file cannot be read (${codeOf(error) ?? "unknown"})` });
  }
}

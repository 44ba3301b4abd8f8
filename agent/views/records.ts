/**
 * How others' records stand, in one answer.
 */
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { RecordState } from "../discovery/sources/records.ts";

export function recordView({ source, atMs, listed, devices, unreadable, fault, failingSinceMs }: RecordState) {
  return {
    source,
    at: isoOf(atMs),
    listed,
    devices,
    ...(unreadable === 0 ? {} : { unreadable }),
    ...(fault === undefined ? {} : { fault: showFault(fault) }),
    ...(failingSinceMs === undefined ? {} : { since: isoOf(failingSinceMs) }),
  };
}

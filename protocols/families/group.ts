/**
 * RealPresence Group: REST where it answers, else the command line; SNMP adds health. Source: protocols/video.md 2 and 4.
 */

import type { DeviceRead } from "../core/device.ts";
import { MINUTE } from "../core/time.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { groupUpdate } from "./group-update.ts";
import { recogniseVideo } from "./phone-doors.ts";
import { mayStandIn, seeGroupByCli } from "./video-cli.ts";
import { doorEvidence, lookOf, readOf, silentRead, unreadable, withSnmp } from "./video-read.ts";
import { readVideo } from "./video-room.ts";
import { readVideoSettings } from "./video-settings.ts";
import { seeVideo } from "./video-visit.ts";

/** Real time of one visit by all its doors. A guess. */
const READ_MS = 40_000;
const LOOK_MS = 25_000;

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const seen = await readVideo("group", { target, io }, limited);
  if (seen.ok) return withSnmp(readOf(seen.value, io.clock.nowMs()), { target, io }, limited);
  const silent = silentRead(seen.fault);
  if (!mayStandIn(seen.fault)) return silent;
  const cli = await seeGroupByCli(target, io, limited);
  if (!cli.ok) return { ...silent, faults: [seen.fault, ...cli.fault] };
  const { facts, inUse, uptimeSeconds, faults } = cli.value;
  const byCli: DeviceRead = {
    ...silent,
    facts,
    inUse,
    faults: [seen.fault, ...faults],
    reading: {
      ...(inUse.state === "unknown" ? {} : { inCall: inUse.state === "busy" ? 1 : 0 }),
      ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    },
    evidence: doorEvidence(cli.value, io.clock.nowMs()),
  };
  return withSnmp(byCli, { target, io }, limited);
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const seen = await seeVideo("group", { target, io }, limited);
  if (seen.ok) return lookOf(seen.value);
  const silent: Look = { facts: {}, inUse: unreadable(seen.fault), faults: [seen.fault] };
  if (!mayStandIn(seen.fault)) return silent;
  const cli = await seeGroupByCli(target, io, limited);
  if (!cli.ok) return { ...silent, faults: [seen.fault, ...cli.fault] };
  const { facts, inUse, uptimeSeconds, faults } = cli.value;
  return { facts, inUse, ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }), faults: [seen.fault, ...faults] };
}

export const group = defineFamily({
  id: "group",
  name: "RealPresence Group",
  recognise: (found, atMs) => recogniseVideo("group", found, atMs),
  read,
  look,
  settings: (target, io, signal) => readVideoSettings("group", { target, io }, signal),
  update: groupUpdate,
  limits: { inFlightPerSite: 5, pollMs: MINUTE },
});

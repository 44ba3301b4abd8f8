/**
 * Asks every device on its own interval and writes down what it says: reading, use, lines, conditions. A dead device
 * costs one time-out per interval and delays nobody.
 */

import { availabilityAfter } from "./availability.ts";
import { judge,                } from "./rules.ts";
import {                 intervalOf, nextAskMs } from "./schedule.ts";

export function createPoller(io        )         {
  const startedMs = io.clock.nowMs();
  const kept = new Map                ();
  const underWay = new Map                                           ();

  const keptOf = (id          )       => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const before = io.store.history.latest(id)?.reading.registeredLines;
    const fresh       = { misses: 0, lastAskedMs: undefined, rules: new Map(), usualLines: before };
    kept.set(id, fresh);
    return fresh;
  };

  const ask = (device           , signal             )                                  => {
    const running = underWay.get(device.id);
    if (running !== undefined) return running;
    const state = keptOf(device.id);
    state.lastAskedMs = io.clock.nowMs();
    const done = io
      .read(device, signal)
      .then((read) => {
        take(device.id, read, state, io);
        return read;
      })
      .catch((error         ) => {
        if (!signal.aborted) io.log.warn("a poll did not end", { device: device.id, error });
        return undefined;
      })
      .finally(() => underWay.delete(device.id));
    underWay.set(device.id, done);
    return done;
  };

  return {
    async turn(signal) {
      const nowMs = io.clock.nowMs();
      for (const device of io.store.devices.list({ adopted: true })) {
        if (underWay.size >= io.concurrency) return; // the rest is due at the next turn
        if (device.address === undefined || underWay.has(device.id)) continue;
        const { misses, lastAskedMs } = keptOf(device.id);
        const slot = { intervalMs: intervalOf(device.family, io.intervals), misses, lastAskedMs };
        if (nextAskMs(device.id, slot, startedMs) <= nowMs) void ask(device, signal);
      }
    },
    async refresh(id, signal) {
      const device = io.store.devices.load(id);
      return device?.address === undefined ? undefined : ask(device, signal);
    },
  };
}

/** Did it say anything at all about itself? */
function answered(read            )          {
  return read.facts.running?.application !== undefined || Object.keys(read.reading).length > 0 || read.facts.model !== undefined;
}

function take(id          , read            , state      , io        )       {
  const atMs = io.clock.nowMs();
  const wasThere = answered(read);
  state.misses = wasThere ? 0 : state.misses + 1;
  io.store.transaction(() => {
    const before = io.store.devices.load(id);
    if (before === undefined) return; // renamed or removed while it was asked
    if (wasThere && before.address !== undefined) io.inventory.noteRead(read, { address: before.address, atMs });
    const current = io.store.devices.load(id) ?? before;
    const device = { ...current, availability: availabilityAfter(current.availability, state.misses) };
    io.store.devices.save(wasThere ? device : { ...device, inUse: { state: "unknown", reason: "does not answer" } });
    judgeConditions(device, read, state, io);
  });
  if (wasThere && Object.keys(read.reading).length > 0) {
    io.store.history.append([{ device: id, atMs, reading: read.reading }]);
    io.onReading(id, atMs, read.reading);
  }
}

function judgeConditions(device           , read            , state      , io        )       {
  const atMs = io.clock.nowMs();
  // A device we are updating is expected to be dark; its task watches it, and rules start anew afterwards.
  if (io.store.tasks.openOfDevice(device.id) !== undefined && io.store.tasks.atRisk().includes(device.id)) {
    state.rules = new Map();
    return;
  }
  const observed = {
    family: device.family,
    availability: device.availability,
    reading: read.reading,
    faults: read.faults,
    ...(state.usualLines === undefined ? {} : { usualLines: state.usualLines }),
  };
  const judgements = judge(observed, state.rules, atMs);
  state.rules = new Map(judgements.map(({ rule, state: after }) => [rule.kind, after]));
  const registered = read.reading.registeredLines;
  if (registered !== undefined && registered > (state.usualLines ?? 0)) state.usualLines = registered;
  const open = new Map(
    io.store.conditions
      .listOpen()
      .filter((row) => row.deviceId === device.id)
      .map((row) => [row.kind, row]),
  );
  for (const { rule, verdict, evidence } of judgements) {
    const known = open.get(rule.kind);
    const about = { kind: rule.kind, severity: rule.severity, causeClass: rule.causeClass, evidence: evidence ?? "" };
    if (verdict === "open" && known === undefined) {
      io.store.conditions.openOnce({
        deviceId: device.id,
        kind: rule.kind,
        severity: rule.severity,
        causeClass: rule.causeClass,
        sinceMs: atMs,
        evidence: [{ via: read.evidence[0]?.via ?? "https", what: evidence ?? rule.kind, atMs }],
      });
      io.onCondition("opened", device, about);
    } else if (verdict === "close" && known !== undefined) {
      io.store.conditions.close(known.id, atMs);
      io.onCondition("closed", device, about);
    }
  }
}


/**
 * Readings for the health gate: each updated device before and after, and untouched devices of the same models over the
 * same time. Old readings are asked for anew, so that the gate never decides on what was.
 */

import {             DAY,         } from "../../protocols/core/time.ts";

/** Untouched devices compared with, per model: enough for a middle value, few enough to ask in a moment. */
const UNTOUCHED_PER_MODEL = 5;
const BASELINE_LOOK_BACK_MS     = DAY;

export function createHealthEvidence(io                  ) {
  return async (row             , wave        , tasks                    , signal             )                          => {
    const models = new Map(row.plan.tasks.map((task) => [task.device, task.model]));
    // Only devices that run the new version are compared; a lost one would cost its time-outs and says nothing.
    const mine = tasks.filter(({ wave: own, state }) => own === wave && (state.at === "succeeded" || state.at === "soaking"));
    const touched = mine.flatMap((task) => {
      const times = timesOf(task, io);
      return times === undefined ? [] : [{ device: task.device, ...times }];
    });
    const sinceMs = Math.min(io.clock.nowMs(), ...touched.map(({ touchedAtMs }) => touchedAtMs));
    const untouched = untouchedDevices(row, tasks, io);
    const health = await Promise.all(touched.map((one) => healthOf(one.device, models.get(one.device) ?? "", one, io, signal)));
    const others = await Promise.all(untouched.map(({ device, model }) => healthOf(device, model, { touchedAtMs: sinceMs }, io, signal)));
    return { health, untouched: others, staleAfterMs: io.staleAfterMs };
  };
}

/** When its last attempt took it, and when it answered on the new version. */
function timesOf(task         , io                  )                    {
  const attempt = io.store.attempts.ofTask(task.id).at(-1);
  const landed = io.store.tasks.history(task.id).findLast(({ event }) => event.kind === "answered");
  if (attempt === undefined) return undefined;
  return { touchedAtMs: attempt.reservedAtMs, ...(landed === undefined ? {} : { landedAtMs: landed.atMs }) };
}

function untouchedDevices(row             , tasks                    , io                  )                                        {
  const touched = new Set(tasks.filter((task) => io.store.attempts.ofTask(task.id).length > 0).map(({ device }) => device));
  const perModel = new Map                                               ();
  for (const model of new Set(row.plan.tasks.map((task) => task.model))) {
    const found = io.store.devices.list({ model, availability: "online" }).filter(({ id }) => !touched.has(id));
    perModel.set(
      model,
      found.slice(0, UNTOUCHED_PER_MODEL).map(({ id }) => ({ device: id, model })),
    );
  }
  return [...perModel.values()].flat();
}

async function healthOf(device          , model        , times       , io                  , signal             )                        {
  const { touchedAtMs, landedAtMs } = times;
  const before = await io.history.ask(
    "window",
    { deviceId: device, fromMs: touchedAtMs - BASELINE_LOOK_BACK_MS, toMs: touchedAtMs },
    signal,
  );
  const after = await newest(device, Math.max(landedAtMs ?? 0, io.clock.nowMs() - io.staleAfterMs / 2), io, signal);
  const last = before.at(-1);
  return {
    device,
    model,
    ...(last === undefined ? {} : { before: last }),
    ...(after === undefined ? {} : { after }),
    ...(landedAtMs === undefined ? {} : { landedAtMs }),
  };
}

async function newest(device          , notBeforeMs    , io                  , signal             )                                    {
  const known = io.store.history.latest(device);
  if (known === undefined || known.atMs < notBeforeMs) await io.poller.refresh(device, signal);
  return io.store.history.latest(device);
}


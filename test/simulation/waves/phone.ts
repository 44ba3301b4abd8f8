/**
 * One simulated phone: flash, boot, lines, calls, and its habits. It knows nothing of the agent; it is looked at, told
 * things, and asks the image server by itself. What happened to it, it counts itself.
 */

import { MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import { type DrawnPhone, OTHER } from "./fleet.ts";
import type { Habit } from "./habits.ts";
import type { Phone, PhoneIo, PhoneState } from "./phone-shape.ts";
import { beginUpdate } from "./phone-update.ts";

const LOCKED_FOR: Ms = 40 * MINUTE;

export function createPhone(drawn: DrawnPhone, io: PhoneIo): Phone {
  const { time, random } = io;
  const state: PhoneState = {
    ...{ isUp: true, isGone: false, version: drawn.running, registered: drawn.lines, willRegister: drawn.lines },
    ...{ bootedAtMs: time.nowMs() - 3_600_000, onCall: false, epoch: 0, pending: 0, fetching: false, wasTouched: false },
    ...{ lostPart: false, isServing: true, cause: "itself" as const, isSwapped: false },
  };
  const seen = { commands: 0, pieces: 0, interrupted: 0, boots: 0 };
  const has = (habit: Habit): boolean => drawn.habits.has(habit);
  const serve = (): void => {
    const isServing = state.isUp && !state.isGone && state.registered >= drawn.lines;
    if (isServing === state.isServing) return;
    state.isServing = isServing;
    io.tell({ kind: "service", device: drawn.device, isUp: isServing, cause: state.cause });
  };
  const isLocked = (): boolean => has("locksOut") && time.nowMs() >= drawn.turnMs && time.nowMs() < drawn.turnMs + LOCKED_FOR;
  const phone: Phone = {
    drawn,
    seen,
    has,
    io,
    state,
    answers: () => state.isUp && !state.isGone && io.isLinked(),
    look() {
      if (!phone.answers()) return undefined;
      if (isLocked()) return odd({ kind: "lockedOut", via: "https", retryAfterMs: 5 * MINUTE });
      if (has("garbage") && random.next() < 0.25) return odd({ kind: "garbled", via: "https", wanted: "a device" });
      const mac = state.isSwapped ? `64167f${(0xf00000 + drawn.number).toString(16)}` : drawn.mac;
      return {
        facts: { mac: mac as typeof drawn.mac, running: { application: state.version, updater: state.version }, managedBy: "none" },
        inUse: state.onCall ? { state: "busy", reason: "in a call" } : { state: "idle" },
        lines: { registered: state.registered, configured: drawn.lines },
        ...(has("hidesUptime") ? {} : { uptimeSeconds: Math.floor((time.nowMs() - state.bootedAtMs) / SECOND) }),
        faults: [],
      };
    },
    truth: () =>
      phone.answers()
        ? { running: state.version, isIdle: !state.onCall, registered: state.registered, bootedAtMs: state.bootedAtMs }
        : undefined,
    reading: () =>
      phone.answers() && !isLocked()
        ? { registeredLines: state.registered, peripheralsMissing: state.lostPart ? 1 : 0, cpuRatio: 0.1 + 0.1 * random.next() }
        : undefined,
    receive() {
      seen.commands++;
      if (has("callBetweenLookAndCommand")) phone.startCall((1 + random.below(15)) * MINUTE);
      if (isLocked() || has("refusesCommand")) return "refused";
      state.wasTouched = true;
      if (has("acceptsAndIgnores")) return "accepted";
      react(phone, (5 + random.below(50)) * SECOND);
      if (has("answersTwice")) react(phone, (30 + random.below(170)) * SECOND);
      return "accepted";
    },
    startCall(lengthMs) {
      if (!state.isUp || state.isGone || state.onCall) return;
      state.onCall = true;
      const { epoch } = state;
      time.after(lengthMs, () => {
        if (state.epoch === epoch) state.onCall = false;
      });
    },
    whenIdle(act) {
      const { epoch } = state;
      const wait = (): void => {
        if (state.epoch !== epoch || state.isGone) return;
        if (state.onCall) time.after(20 * SECOND, wait);
        else act();
      };
      wait();
    },
    goDown(lengthMs, cause, then) {
      if (!state.isUp || state.isGone) return;
      if (state.onCall) {
        seen.interrupted++;
        if (cause === "us") io.tell({ kind: "interrupted", device: drawn.device });
      }
      Object.assign(state, { isUp: false, onCall: false, fetching: false, registered: 0, cause, pending: 0, epoch: state.epoch + 1 });
      serve();
      const { epoch } = state;
      time.after(lengthMs, () => {
        if (state.epoch !== epoch || state.isGone) return;
        seen.boots++;
        Object.assign(state, { isUp: true, bootedAtMs: time.nowMs() });
        then();
        time.after((5 + random.below(60)) * SECOND, () => {
          if (state.epoch !== epoch) return;
          state.registered = state.willRegister;
          serve();
        });
        // Every restart asks for the files.
        time.after((2 + random.below(10)) * SECOND, () => state.epoch === epoch && beginUpdate(phone));
      });
    },
    isUnsettled: () => state.wasTouched && (state.pending > 0 || state.fetching || !(state.isServing || state.cause === "itself")),
  };
  live(phone);
  return phone;
}

const odd = (fault: Look["faults"][number]): Look => ({
  facts: {},
  inUse: { state: "unknown", reason: "it does not say" },
  faults: [fault],
});

/** It waits until nobody speaks, as phones do. */
function react(phone: Phone, afterMs: Ms): void {
  const { state, io } = phone;
  const { epoch } = state;
  state.pending++;
  io.time.after(afterMs, () => {
    if (state.epoch !== epoch) return;
    phone.whenIdle(() => {
      state.pending--;
      beginUpdate(phone);
    });
  });
}

/** What happens to it whether or not anybody looks. */
function live(phone: Phone): void {
  const { drawn, state, has, io } = phone;
  const { time, random } = io;
  const restart = (): void => {
    phone.goDown((60 + random.below(60)) * SECOND, "itself", () => undefined);
    time.after((30 + random.below(300)) * MINUTE, restart);
  };
  if (has("rebootsByChance")) time.after(random.below(180) * MINUTE, restart);
  const turn = (habit: Habit, act: () => void): void => {
    if (has(habit)) time.at(drawn.turnMs, act);
  };
  turn("isSwapped", () => {
    phone.goDown(2 * MINUTE, "itself", () => {
      state.isSwapped = true;
    });
  });
  turn("isRemoved", () => {
    state.epoch++;
    Object.assign(state, { isUp: false, isGone: true });
  });
  turn("isUpdatedByOthers", () =>
    phone.goDown(4 * MINUTE, "itself", () => {
      state.version = OTHER;
    }),
  );
}

/** The drive's hands at the simulated site: looks and commands that take their time, get lost on the way, and find who is there. */
import type { DriveDevices } from "../../../firmware/waves/ports.ts";
import { type Fault, fail, ok } from "../../../protocols/core/fault.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Random } from "../../../protocols/core/random.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import { MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { Depot } from "./depot.ts";
import type { Phone } from "./phone-shape.ts";
import type { Commanded, Step } from "./steps.ts";
import type { Time } from "./time.ts";

export interface SiteIo {
  readonly time: Time;
  readonly random: Random;
  readonly depot: Depot;
  readonly phones: ReadonlyMap<DeviceId, Phone>;
  readonly tell: (step: Step) => void;
  /** The task that says this device is commanded now. */
  readonly commanded: (device: DeviceId) => Commanded | undefined;
  /** The inventory hears what a look brought. */
  readonly note: (device: DeviceId, look: Look) => void;
}

/** One life of the agent's process: what it waits for never comes once it is dead. */
export interface Life {
  readonly number: number;
  isDead: boolean;
}

/** A time-out of the driver for a device that says nothing. */
const TIME_OUT: Ms = 12 * SECOND;
/** The answer's way home. */
const HOME_MS: Ms = 300;

const silence: Fault = { kind: "unreachable", via: "https" };
export const NO_LOOK: Look = { facts: {}, inUse: { state: "unknown", reason: "it does not answer" }, faults: [silence] };

export function devicesOf(life: Life, io: SiteIo): DriveDevices {
  const { time, random, depot } = io;
  /** Resolves then, unless the process is dead by then. */
  const later = <T>(lengthMs: Ms, make: () => T): Promise<T> =>
    new Promise((resolve) => {
      time.after(lengthMs, () => {
        if (!life.isDead) resolve(make());
      });
    });
  const phoneOf = (device: DeviceId): Phone => io.phones.get(device) as Phone;
  return {
    async look(device) {
      const phone = phoneOf(device);
      const isSlow = phone.has("slowLoris") && random.next() < 0.5;
      const sampled = await later(isSlow ? (30 + random.below(90)) * SECOND : 50 + random.below(2_500), () => ({
        look: isSlow && random.next() < 0.3 ? undefined : phone.look(),
        truth: phone.truth(),
        atMs: time.nowMs(),
      }));
      const { look, truth, atMs } = sampled;
      const answer = await later(look === undefined ? TIME_OUT : random.below(HOME_MS), () => look);
      if (answer?.facts.running !== undefined && answer.facts.mac === phone.drawn.mac) io.note(device, answer);
      io.tell({
        kind: "look",
        device,
        life: life.number,
        sampledMs: atMs,
        answer: answer?.facts.running === undefined ? undefined : truth,
      });
      return answer ?? NO_LOOK;
    },
    async trigger({ planned: { device } }) {
      const phone = phoneOf(device);
      const sentMs = time.agent.nowMs();
      const sentFor = io.commanded(device);
      const arrived = await later(50 + random.below(1_500), () => {
        if (!phone.answers()) return "unreachable" as const;
        // The certificate names another MAC: nothing is sent.
        if (phone.state.isSwapped) return "impostor" as const;
        const answer = phone.receive();
        io.tell({ kind: "command", device, life: life.number, sentMs, sentFor, taken: answer === "accepted" });
        return answer;
      });
      switch (arrived) {
        case "unreachable":
          return later(TIME_OUT, () => fail({ fault: silence, certain: true }));
        case "impostor":
          return fail({ fault: { kind: "impostor", via: "tls", wanted: phone.drawn.mac, found: "another" }, certain: true });
        case "refused":
          return later(random.below(HOME_MS), () => fail({ fault: { kind: "denied", via: "https" }, certain: true }));
        case "accepted": {
          const isLost = phone.has("losesAnswer") || !phone.answers();
          if (isLost) return later(TIME_OUT, () => fail({ fault: silence, certain: false }));
          return later(random.below(HOME_MS), () => ok({ said: "accepted" }));
        }
      }
    },
    whyRefused: (device) => later(random.below(2_000), () => (phoneOf(device).has("refusesImage") ? "not for this hardware" : undefined)),
    async offer({ planned, attempt }) {
      depot.offer(planned, attempt);
      return later(random.below(30), () => ok(null));
    },
    async withdraw(tokens) {
      depot.withdraw(tokens);
      return later(random.below(30), () => undefined);
    },
    pace: () => ({ reactMs: 3 * MINUTE, applyMs: 15 * MINUTE, verifyMs: 6 * MINUTE }),
  };
}

/** Readings of all phones: polled now and then, and on demand. What the agent's history would hold. */
export interface Readings {
  latest(device: DeviceId): { readonly atMs: Ms; readonly reading: Reading } | undefined;
  window(device: DeviceId, fromMs: Ms, toMs: Ms): readonly { readonly atMs: Ms; readonly reading: Reading }[];
  /** One reading now; nothing where the phone says nothing. */
  take(device: DeviceId): void;
  /** The true moment of the newest one. */
  takenMs(device: DeviceId): Ms | undefined;
}

/** Far apart: a story needs a reading from before and one on demand. */
const POLL_EVERY: Ms = 45 * MINUTE;

export function pollPhones(io: Pick<SiteIo, "time" | "random" | "phones">): Readings {
  const { time, random, phones } = io;
  const kept = new Map<DeviceId, { readonly atMs: Ms; readonly trueMs: Ms; readonly reading: Reading }[]>();
  const take = (device: DeviceId): void => {
    const reading = phones.get(device)?.reading();
    if (reading === undefined) return;
    const list = kept.get(device) ?? [];
    kept.set(device, list);
    list.push({ atMs: time.agent.nowMs(), trueMs: time.nowMs(), reading });
  };
  for (const device of phones.keys()) {
    const poll = (): void => {
      take(device);
      time.after(POLL_EVERY, poll);
    };
    time.after(random.below(POLL_EVERY), poll);
    take(device);
  }
  return {
    latest: (device) => kept.get(device)?.at(-1),
    window: (device, fromMs, toMs) => (kept.get(device) ?? []).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs),
    take,
    takenMs: (device) => kept.get(device)?.at(-1)?.trueMs,
  };
}

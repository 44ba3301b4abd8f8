/** The drive's hands at a simulated fleet: looks and commands that take their time, get lost on the way, and find who is there. */

import { legAt } from "../../firmware/waves/legs.ts";
import { notAboveOf } from "../../firmware/waves/lower.ts";
import type { DriveDevices } from "../../firmware/waves/ports.ts";
import type { Depot, Offered } from "../../fixtures/fleet/depot.ts";
import type { Phone, PhoneLook, PhoneTruth } from "../../fixtures/fleet/phone-shape.ts";
import type { Time } from "../../fixtures/fleet/time.ts";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../protocols/core/ids.ts";
import type { Random } from "../../protocols/core/random.ts";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";

export interface HandsIo {
  readonly time: Time;
  readonly random: Random;
  readonly depot: HandsDepot;
  readonly phones: ReadonlyMap<DeviceId, Phone>;
  /** The inventory hears what a look brought. */
  readonly note: (device: DeviceId, look: Look) => void;
  readonly onLook: (seen: Seen) => void;
  /** A command leaves; what comes back is told when it has arrived. */
  readonly onSend: (device: DeviceId) => (taken: boolean) => void;
}

/** What is put on offer there, and of which release for which model. */
export interface HandsOffer extends Offered {
  readonly mac: Mac;
  readonly release: string;
  readonly model: string;
  /** See `Offer`. */
  readonly notAbove?: Version;
}

export interface HandsDepot {
  offer(offered: HandsOffer): Result<unknown>;
  withdraw(tokens: readonly string[]): void;
}

/** Gives whatever it is told to. */
export const plainDepot = (depot: Depot): HandsDepot => ({
  offer: (offered) => ok(depot.offer(offered)),
  withdraw: depot.withdraw,
});

/** A device answered a look, or nobody did (`answer` is absent then). `sampledMs`: the true moment it speaks of. */
export interface Seen {
  readonly device: DeviceId;
  readonly life: number;
  readonly sampledMs: Ms;
  readonly answer: PhoneTruth | undefined;
}

/** One life of the agent's process: what it waits for never comes once it is dead. */
export interface Life {
  readonly number: number;
  isDead: boolean;
}

/** A time-out of the driver for a device that says nothing. */
const TIME_OUT: Ms = 12 * SECOND;
/** What phones are given; a fleet of other families says so itself. */
const PACE = { reactMs: 3 * MINUTE, applyMs: 15 * MINUTE, verifyMs: 6 * MINUTE };
/** The answer's way home. */
const HOME_MS: Ms = 300;

const silence: Fault = { kind: "unreachable", via: "https" };
const NO_LOOK: Look = { facts: {}, inUse: { state: "unknown", reason: "it does not answer" }, faults: [silence] };

export function handsOf(life: Life, io: HandsIo): DriveDevices {
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
        shown: isSlow && random.next() < 0.3 ? undefined : phone.look(),
        truth: phone.truth(),
        atMs: time.nowMs(),
      }));
      const { shown, truth, atMs } = sampled;
      const answer = await later(shown === undefined ? TIME_OUT : random.below(HOME_MS), () =>
        shown === undefined ? undefined : lookOf(shown, phone),
      );
      if (answer?.facts.running !== undefined && answer.facts.mac === phone.drawn.mac) io.note(device, answer);
      io.onLook({ device, life: life.number, sampledMs: atMs, answer: answer?.facts.running === undefined ? undefined : truth });
      return answer ?? NO_LOOK;
    },
    async trigger({ planned: { device } }, signal) {
      const phone = phoneOf(device);
      const arrives = io.onSend(device);
      const arrived = await later(50 + random.below(1_500), () => {
        if (signal.aborted) return "cutOff" as const;
        if (!phone.answers()) return "unreachable" as const;
        // The certificate names another MAC: nothing is sent.
        if (phone.state.isSwapped) return "impostor" as const;
        const answer = phone.receive();
        arrives(answer === "accepted");
        return answer;
      });
      switch (arrived) {
        case "cutOff":
          throw signal.reason;
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
    async offer({ planned, attempt: { token, leg } }) {
      const { image, release, from, to, kind } = legAt(planned, leg);
      const { mac, model } = planned;
      const part = kind === "combined" ? {} : { part: kind };
      const offered = depot.offer({ token, mac, model, release, sha256: image, version: to, ...notAboveOf({ from, to, kind }), ...part });
      return later(random.below(30), () => (offered.ok ? ok(null) : offered));
    },
    async withdraw(tokens) {
      depot.withdraw(tokens);
      return later(random.below(30), () => undefined);
    },
    pace: () => PACE,
  };
}

function lookOf(shown: PhoneLook, { drawn }: Phone): Look {
  switch (shown.kind) {
    case "lockedOut":
      return odd({ kind: "lockedOut", via: "https", retryAfterMs: shown.retryAfterMs });
    case "garbled":
      return odd({ kind: "garbled", via: "https", wanted: "a device" });
    case "shown": {
      const { mac, version, updater, isBusy, registered, uptimeSeconds } = shown;
      return {
        facts: {
          ...{ mac: mac as Mac, running: { application: version, updater }, managedBy: "none" },
          ...(drawn.revision === undefined ? {} : { revision: drawn.revision }),
        },
        inUse: isBusy ? { state: "busy", reason: "in a call" } : { state: "idle" },
        lines: { registered, configured: drawn.lines },
        ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
        faults: [],
      };
    }
  }
}

const odd = (fault: Fault): Look => ({
  facts: {},
  inUse: { state: "unknown", reason: "it does not say" },
  faults: [fault],
});

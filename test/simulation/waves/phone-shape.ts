/** What a simulated phone is to those around it. */
import type { Random } from "../../../protocols/core/random.ts";
import type { Reading } from "../../../protocols/core/reading.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { Look } from "../../../protocols/families/family.ts";
import type { PhoneDepot } from "./depot.ts";
import type { DrawnPhone } from "./fleet.ts";
import type { Habit } from "./habits.ts";
import type { LookTruth, Step } from "./steps.ts";
import type { Time } from "./time.ts";

export interface PhoneIo {
  readonly time: Time;
  readonly random: Random;
  readonly depot: PhoneDepot;
  /** Is there a way between the phone and the agent's machine. */
  readonly isLinked: () => boolean;
  readonly tell: (step: Step) => void;
}

export interface Phone {
  readonly drawn: DrawnPhone;
  /** Counted by the phone: commands that reached it, pieces of images it took, calls that ended under somebody's hands. */
  readonly seen: { commands: number; pieces: number; interrupted: number; boots: number };
  readonly has: (habit: Habit) => boolean;
  readonly io: PhoneIo;
  state: PhoneState;
  answers(): boolean;
  /** `undefined`: no answer at all. */
  look(): Look | undefined;
  truth(): LookTruth | undefined;
  reading(): Reading | undefined;
  /** A command arrives. */
  receive(): "accepted" | "refused";
  startCall(lengthMs: Ms): void;
  whenIdle(act: () => void): void;
  goDown(lengthMs: Ms, cause: "us" | "itself", then: () => void): void;
  /** Touched by a command, and not yet seen through: something of it may still come, or it is not as it was. */
  isUnsettled(): boolean;
}

export interface PhoneState {
  isUp: boolean;
  isGone: boolean;
  version: string;
  registered: number;
  /** As many as will register. */
  willRegister: number;
  bootedAtMs: Ms;
  onCall: boolean;
  /** Changes with every restart: what was scheduled before is void. */
  epoch: number;
  /** Reactions to commands that are still to come. */
  pending: number;
  fetching: boolean;
  wasTouched: boolean;
  lostPart: boolean;
  isServing: boolean;
  /** Why it is not serving. */
  cause: "us" | "itself";
  isSwapped: boolean;
}

/** What an invariant sees of a story, and how it says that it is broken. */
import type { Phone } from "../../../../fixtures/fleet/phone-shape.ts";
import type { Readings } from "../../../../fixtures/fleet/readings.ts";
import type { Time } from "../../../../fixtures/fleet/time.ts";
import type { DeviceId } from "../../../../protocols/core/ids.ts";
import type { Store } from "../../../../store/store.ts";
import type { Story } from "../draw.ts";
import type { DrawnPhone } from "../fleet.ts";
import type { Foretelling } from "../foretold.ts";
import type { Openings } from "../openings.ts";
import type { Step } from "../steps.ts";

export interface Sight {
  readonly story: Story;
  readonly time: Time;
  readonly store: Store;
  readonly phones: ReadonlyMap<DeviceId, Phone<DrawnPhone>>;
  readonly openings: Openings;
  readonly readings: Readings;
  /** What is shown of when campaigns end. */
  readonly foretelling: Foretelling;
  /** Devices a person took out of their plan's care after they had been touched; from then on they are that person's. */
  readonly writtenOff: ReadonlySet<DeviceId>;
}

/** `undefined` where it holds; else what happened, in words. */
export type Check = (step: Step) => string | undefined;

export interface Invariant {
  /** `I7`, as in the design. */
  readonly id: string;
  readonly says: string;
  /** Made once per story, so that it may remember. */
  watch(sight: Sight): Check;
}

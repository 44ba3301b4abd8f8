/** I5, I6: commands leave only while the site is open, and only where update and way back end before it closes. */
import { MINUTE } from "../../../../protocols/core/time.ts";
import { P99, REVERT } from "../fleet.ts";
import type { Invariant } from "./invariant.ts";

const I5: Invariant = {
  id: "I5",
  says: "no command outside the window, or that cannot finish with its way back inside it",
  watch({ openings }) {
    return (step) => {
      if (step.kind !== "command") return undefined;
      const open = openings.around(step.sentMs);
      if (open === undefined) return openings.shows(step.sentMs) ? undefined : `${step.device} was commanded while the site was closed`;
      const shortMs = step.sentMs + P99 + REVERT - open.toMs;
      return shortMs > 0 ? `${step.device} was commanded ${shortMs / MINUTE} min too late for its way back` : undefined;
    };
  },
};

const I6: Invariant = {
  id: "I6",
  says: "a local window opens exactly once per local day",
  watch({ openings }) {
    return (step) => {
      if (step.kind !== "command" || openings.around(step.sentMs) !== undefined) return undefined;
      return openings.shows(step.sentMs) ? `${step.device} was commanded in the second showing of an hour` : undefined;
    };
  },
};

export const windows: readonly Invariant[] = [I5, I6];

/** All invariants a story is judged by, and those it cannot be judged by yet. */
import { books } from "./books.ts";
import { budget } from "./budget.ts";
import { catalogues } from "./catalogues.ts";
import { company } from "./company.ts";
import { consent } from "./consent.ts";
import { fit } from "./fit.ts";
import type { Invariant } from "./invariant.ts";
import { looks } from "./looks.ts";
import { messages } from "./messages.ts";
import { proof } from "./proof.ts";
import { stops } from "./stops.ts";
import { wayBack } from "./way-back.ts";
import { windows } from "./windows.ts";

export const INVARIANTS: readonly Invariant[] = [
  company,
  looks,
  windows,
  budget,
  consent,
  stops,
  catalogues,
  proof,
  fit,
  wayBack,
  messages,
  books,
].flat();

/** What no story shows, with the reason: nobody shall believe it is checked here. */
export const UNCHECKED: Readonly<Record<string, string>> = {
  I31: "image bytes are counted in pieces without a rate; `test/protocols/provisioning/caps.test.ts` holds the caps over any 10 s: many takers on a clock of its own, and bytes counted by clients on real sockets",
};

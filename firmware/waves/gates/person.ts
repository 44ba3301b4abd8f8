/** Does a named person want to look before it goes on? Only where the policy asks, and only where something comes after. */
import type { Gate, GateInput, GateVerdict } from "./gate.ts";

export const person: Gate = {
  id: "person",
  judge({ wave, isLast, policy: { personAfter } }: GateInput): GateVerdict {
    const asks = !isLast && (personAfter === "every" || personAfter.includes(wave.index));
    if (!asks) return { verdict: "pass", why: "the policy asks nobody here", evidence: [], failures: 0 };
    return {
      verdict: "inconclusive",
      why: `the policy asks for a person after wave ${wave.index}`,
      evidence: [],
      failures: 1,
      unclear: { do: "asks" },
    };
  },
};

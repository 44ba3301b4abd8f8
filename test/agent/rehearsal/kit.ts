/** Plans to rehearse, and what is known of their sites. */
import type { SiteFacts } from "../../../agent/rehearsal/twin.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import type { Candidate, Plan } from "../../../firmware/waves/shape.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { candidate, NOW, planInput, policy } from "../../firmware/waves/builders.ts";

/** On working nights; the builders' clock shows a Sunday. */
export const NIGHTS: Calendar = {
  zone: "Europe/Zurich",
  windows: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "22:00", to: "04:00" }],
  blackout: [],
};

/** Three phones a room, four rooms a floor, every fourth phone in an emergency zone. */
export const phones = (count: number, changes: (number: number) => Partial<Candidate> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, at) =>
    candidate(at + 1, {
      place: {
        room: `Room ${Math.floor(at / 3)}`,
        floor: String(Math.floor(at / 12)),
        ...(at % 4 === 0 ? { zone: "emergency" } : {}),
        duties: [],
      },
      ...changes(at + 1),
    }),
  );

export const planOf = (count: number, changes: Partial<PlanInput> = {}): Plan =>
  makePlan(planInput(phones(count), { calendar: NIGHTS, ...changes }));

export const FACTS: SiteFacts = { nowMs: NOW, devices: new Map(), usage: () => undefined };

/** A small site of its own for each seed: rooms, floors, zones, budgets and soaks. */
export function drawnPlan(seed: number): Plan {
  const random = seededRandom(seed);
  const rooms = 2 + random.below(6);
  const candidates = Array.from({ length: 4 + random.below(14) }, (_, at) => {
    const room = random.below(rooms);
    const place = {
      ...(random.next() < 0.8 ? { room: `Room ${room}` } : {}),
      ...{ floor: String(room % 2), duties: random.next() < 0.1 ? (["reception"] as const) : [] },
      ...(random.next() < 0.4 ? { zone: `zone-${random.below(2)}` } : {}),
    };
    return candidate(at + 1, { place });
  });
  const settings = policy({
    ...{ atRiskMax: 1 + random.below(8), canaryCount: 1 + random.below(2), failuresAllowed: random.below(3) },
    ...{ soak: `${8 + random.below(10)}m`, startEvery: `${random.below(40)}s` },
  });
  return makePlan(planInput(candidates, { policy: settings, seed }));
}

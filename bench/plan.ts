/** A plan for a large site: from the inventory to the hash that is approved, and the difference against another one. Goal: design section 17. */
import { canonicalJson } from "../firmware/canonical.ts";
import { diffPlans } from "../firmware/waves/diff.ts";
import { makePlan, planHash } from "../firmware/waves/plan.ts";
import { absoluteRow, median, type Row } from "./figure.ts";
import { planInputFor } from "./plan/site.ts";

const SIZE = { devices: 10_000, models: 20, rooms: 600 };
const ROUNDS = 5;
const SECONDS_MAX = 2;

export async function bench(
  say: (text: string) => void,
  { devices = SIZE.devices }: { readonly devices?: number | undefined } = {},
): Promise<readonly Row[]> {
  const input = planInputFor({ ...SIZE, devices }, 1);
  const later = planInputFor({ ...SIZE, devices }, 2);
  const seconds: { readonly plan: number; readonly hash: number; readonly diff: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [plan, planS] = timed(() => makePlan(input));
    const [hash, hashS] = timed(() => planHash(plan));
    const other = makePlan(later);
    const [, diffS] = timed(() => diffPlans(plan, hash, other));
    seconds.push({ plan: planS, hash: hashS, diff: diffS });
    if (round === 0) {
      const megabytes = (canonicalJson(plan).length / 1e6).toFixed(1);
      say(
        `${plan.tasks.length} tasks in ${plan.waves.length} waves, ${plan.heldBack.length} held back, ${plan.domains.length} domains, ${megabytes} MB`,
      );
    }
  }
  const row = (figure: string, of: (round: (typeof seconds)[number]) => number): Row =>
    absoluteRow({ figure: `${figure} of ${devices} devices, ${SIZE.models} models and ${SIZE.rooms} rooms, s`, atMost: SECONDS_MAX }, [
      median(seconds.map(of)),
    ]);
  return [
    row("plan and hash", ({ plan, hash }) => plan + hash),
    row("hash alone", ({ hash }) => hash),
    row("difference of two plans", ({ diff }) => diff),
  ];
}

function timed<T>(act: () => T): readonly [T, number] {
  const startedMs = performance.now();
  const value = act();
  return [value, (performance.now() - startedMs) / 1_000];
}

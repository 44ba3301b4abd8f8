/**
 * A person probes a device of each bad habit: the visit ends, and a fault says what happened.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Misbehaviour, SimDevice } from "../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { folder, run } from "../agent/cli/kit.ts";

let running: RunningSite;

beforeAll(async () => {
  running = await startSite({ seed: 5, devices: 40, provisioning: undefined, channelFolder: undefined, clock: systemClock() });
});
afterAll(() => running.close());

/** The nth device of a kind, with the habit. */
function device(kind: SimDevice["kind"], index: number, habit: Misbehaviour): SimDevice {
  const found = running.site.devices.filter((one) => one.kind === kind)[index];
  if (found === undefined) throw new Error(`no ${kind} number ${index}`);
  found.misbehaviours.set(habit, {});
  return found;
}

async function probe(target: SimDevice): Promise<Record<string, unknown>> {
  const { ports, secrets } = running.site;
  const passwordFile = join(folder(), "password");
  const [user, password] =
    target.kind === "group"
      ? [secrets.groupUser, secrets.groupPassword]
      : target.kind === "studio"
        ? [secrets.roomUser, secrets.roomPassword]
        : [secrets.phoneUser, secrets.phonePassword];
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const where = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const ran = await run(["probe", target.address, ...where, "--user", user, "--password-file", passwordFile, "--json"], {
    clock: systemClock(),
  });
  expect(ran.out).not.toContain(password);
  return ran.json();
}

const faultsOf = (answer: Record<string, unknown>): unknown => answer["faults"];
const a = (via: string, kind: string) => expect.arrayContaining([expect.objectContaining({ via, kind })]);

test.concurrent.each<[Misbehaviour, SimDevice["kind"], unknown]>([
  ["slowLoris", "vvx", a("https", "overBudget")],
  ["garbage", "vvx", a("https", "garbled")],
  ["hugeAnswer", "vvx", a("https", "overBudget")],
  ["locksOut", "vvx", a("https", "lockedOut")],
  ["slowLoris", "studio", a("https", "overBudget")],
  ["garbage", "studio", a("https", "garbled")],
  ["endlessBanner", "group", a("ssh", "overBudget")],
])("probe: a device that has the habit %s (%s) ends with a fault that says so", async (habit, kind, fault) => {
  const taken = kind === "vvx" ? ["slowLoris", "garbage", "hugeAnswer", "locksOut"].indexOf(habit) : habit === "garbage" ? 1 : 0;
  expect(faultsOf(await probe(device(kind, taken, habit)))).toEqual(fault);
});

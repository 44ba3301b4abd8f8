/** What random kills strike: a campaign over all phones that may have the release, some of which end badly and make tickets. */
import type { CampaignView } from "../../../agent/campaigns/view.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { type CrashStage, setCrashStage } from "../story.ts";

const RELEASE = "uc-software-6.4.8.1190";
const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const SETTINGS = {
  sweep: { every: "7d" },
  health: { phones: "5m", rooms: "30m", switches: "30m" },
  policy: {
    ...{ soak: "1m", lostAfter: "10m", deferral: "12h", lookAgain: "20s", retryAfter: "30s" },
    ...{ attemptsMax: 5, failuresAllowed: 10, atRiskMax: 20 },
  },
  calendar: {
    zone: "Europe/Zurich",
    windows: [{ days: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], from: "00:00", to: "00:00" }],
    blackout: [],
  },
};
/** A phone that looks by itself takes its image without any command; late at night the campaign is over. Source: protocols/provisioning.md 9. */
const POLLS_LATE = {
  "prov.polling.enabled": "1",
  "prov.polling.mode": "abs",
  "prov.polling.period": "86400",
  "prov.polling.time": "23:30",
};
/** At 60 the two dozen minutes of a wave are as many seconds: some dozen kills each. */
const FACTOR = 60;
const TROUBLES = [
  { kind: "neverReturns", ends: "lost" },
  { kind: "acceptsAndIgnores", ends: "failed" },
  { kind: "neverReturns", ends: "lost" },
] as const;

export interface Ground {
  readonly crash: CrashStage;
  readonly plan: Plan;
  /** How tasks end where not well, by device; people add whom they leave out. */
  readonly fates: Map<string, Fate>;
}

type Fate = "lost" | "failed" | "skipped";

/** A site, its daemon, and a campaign that has begun. */
export async function layGround({ seed, devices }: { readonly seed: number; readonly devices: number }): Promise<Ground> {
  const crash = await setCrashStage({ devices, factor: FACTOR, originMs: ORIGIN_MS, settings: SETTINGS, seed, fromOutside: true });
  try {
    await crash.until("the sweep", async () => {
      const { result } = await crash.ask("device.list");
      const { devices: known } = result as { readonly devices: readonly { readonly availability: string }[] };
      const online = known.filter(({ availability }) => availability === "online");
      return online.length >= crash.stage.site.ready.places.length / 2 ? true : undefined;
    });
    await crash.until("the catalogue", async () => {
      const { result } = await crash.ask("firmware.list");
      return (result as { releases: readonly unknown[] }).releases.length >= 2 ? true : undefined;
    });
    // What was compiled is written to disk by a process that ends by itself; those that are killed find it there.
    await crash.restart({});
    return { crash, ...(await startCampaign(crash)) };
  } catch (error) {
    await crash.close();
    throw error;
  }
}

async function startCampaign(crash: CrashStage): Promise<Omit<Ground, "crash">> {
  const { technician, approver, site } = crash.stage;
  const done = async (person: typeof technician, name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const answer = await crash.command(person, name, args);
    if (answer.status !== "done") throw new Error(`${name}: ${answer.message}`);
    return answer.result;
  };
  await done(technician, "firmware.stage", { release: RELEASE });
  const { plan, planHash } = await crash.plan(technician, { release: RELEASE });
  const { campaign } = plan;
  await done(approver, "campaign.approve", { campaign, planHash });
  for (const { mac } of plan.tasks) await site.control("POST", `/devices/${mac}/vars`, { params: POLLS_LATE });
  const fates = new Map<string, Fate>();
  // Of waves with the first of a model none may fail.
  const tolerant = plan.waves.filter(({ failuresAllowed }) => failuresAllowed > 0).flatMap(({ tasks }) => tasks);
  for (const [i, { kind, ends }] of TROUBLES.entries()) {
    const task = plan.tasks.find(({ id }) => id === tolerant.at(-1 - i));
    // A small plan has fewer; without any there would be no tickets.
    if (task === undefined && i > 0) break;
    if (task === undefined) throw new Error("no wave of the plan tolerates a failure");
    await site.misbehave(task.mac, kind);
    fates.set(task.device, ends);
  }
  await done(technician, "campaign.start", { campaign, planHash });
  return { plan, fates };
}

/** Waits for a neighbour that health has found dead: nothing but people end that. */
const isAlone = ({ codes = [] }: CampaignView["tasks"][number]): boolean => codes.includes("down");

/**
 * What people do: past a gate that holds they go on once they have looked, and what does not come back they write off, so that its
 * neighbours may go; whoever would leave a room dark beside it, they leave out.
 */
export async function lookAfter({ crash, plan: { campaign }, fates }: Ground, { state, why, tasks }: CampaignView): Promise<void> {
  const { technician } = crash.stage;
  for (const task of tasks) {
    const { device } = task;
    if (task.at === "lost") await crash.command(technician, "campaign.writeOff", { campaign, device, reason: "it does not come back" });
    if (!isAlone(task)) continue;
    const { status } = await crash.command(technician, "campaign.skip", { campaign, device, reason: "its neighbour is dead" });
    if (status === "done") fates.set(device, "skipped");
  }
  if (state !== "paused") return;
  const gate = /gate "(\w+)"/.exec(why ?? "")?.[1];
  await crash.command(technician, "campaign.resume", { campaign, ...(gate === undefined ? {} : { gate }) });
}

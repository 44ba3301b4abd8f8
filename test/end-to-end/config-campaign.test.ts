/** A whole campaign on a simulated site: the settings of a phone before and after its update. */
import { expect, test } from "vitest";
import { setCrashStage } from "../crash/story.ts";

const RELEASE = "uc-software-6.4.8.1190";
const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const CHANGED = "up.multiKeyAnswerEnabled";

interface Version {
  readonly source: string;
  readonly cause: string;
  readonly campaign?: string;
  readonly since: string;
  readonly until: string;
}

test("campaign: a phone is read before its update and after it, and what changed in between is the campaign's", async () => {
  const crash = await setCrashStage({
    devices: 14,
    factor: 120,
    originMs: ORIGIN_MS,
    settings: {
      sweep: { every: "7d" },
      health: { phones: "2m", rooms: "1h", switches: "1h" },
      policy: { soak: "1m", lostAfter: "30m", failuresAllowed: 10, atRiskMax: 10 },
    },
  });
  try {
    const { stage } = crash;
    const phone = (await stage.site.devices()).find(({ kind, running }) => kind === "vvx" && running.startsWith("6.4."));
    if (phone === undefined) throw new Error("the site has no such phone");
    const device = `d-${phone.mac}`;
    const versions = async (): Promise<readonly Version[]> => {
      const { result } = await crash.ask("config.list", { device });
      return (result as { versions: readonly Version[] }).versions.filter(({ source }) => source === "backup");
    };
    await crash.until("a first reading", async () => ((await versions()).length > 0 ? true : undefined));
    await crash.until("the catalogue", async () => {
      const { result } = await crash.ask("firmware.list");
      return (result as { releases: readonly unknown[] }).releases.length === 2 ? true : undefined;
    });
    expect((await crash.command(stage.technician, "firmware.stage", { release: RELEASE })).status).toBe("done");
    const { plan, planHash } = await crash.plan(stage.technician, { release: RELEASE, devices: [device] });
    const args = { campaign: plan.campaign, planHash };
    expect((await crash.command(stage.approver, "campaign.approve", args)).status).toBe("done");
    const started = await crash.command(stage.technician, "campaign.start", args);
    expect(started.status, started.message).toBe("done");
    const at = async (): Promise<string> => (await crash.campaign(plan.campaign)).tasks[0]?.at ?? "";
    await crash.until("the update to be under way", async () => (["applying", "rebooting"].includes(await at()) ? true : undefined));
    // What new firmware does to a phone: here by hand.
    await stage.site.control("POST", `/devices/${phone.mac}/vars`, { params: { [CHANGED]: { web: "1" } } });
    await crash.until("the end of the update", async () => ((await at()) === "succeeded" ? true : undefined));
    const after = await crash.until("the reading after it", async () => (await versions()).find(({ cause }) => cause === "campaign"));
    expect(after.campaign).toBe(plan.campaign);
    const [, before] = await versions();
    expect((before?.until ?? "") < after.since).toBe(true);
    const { result } = await crash.ask("config.diff", { device, source: "backup" });
    expect((result as { changes: readonly { key: string }[] }).changes.map(({ key }) => key)).toContain(CHANGED);
  } finally {
    await crash.close();
  }
});

/**
 * The first half: the site is found, health settles, firmware is staged, a plan is made and signed.
 */
import type { Plan } from "../../firmware/waves/shape.ts";
import { instantOf, showDuration } from "../../protocols/core/time.ts";
import type { Desk } from "../cli/desk.ts";
import { fetchPlan } from "../cli/pieces.ts";
import type { ReleaseList } from "../views/releases.ts";
import { command, deskOf, devicesOf, look, type Story, until } from "./story.ts";

export const RELEASE = "uc-software-6.4.8.1190";

interface ModelCount {
  readonly model: string;
  readonly count: number;
  readonly versions: readonly { readonly version: string }[];
}
interface StatusPart {
  readonly devices: { readonly total: number; readonly online: number; readonly byModel: readonly ModelCount[] };
  readonly discovery: { readonly phase: string; readonly asked: number; readonly total: number } | null;
}

export async function findTheSite(story: Story): Promise<void> {
  const { show, stage } = story;
  show.scene("It finds the site by itself");
  const truth = await stage.site.devices();
  await until(story, "every device to be found and read", async () => {
    const { discovery, devices } = await look<StatusPart>(stage, "agent.status");
    const swept = `swept ${discovery?.asked ?? 0} of ${discovery?.total ?? 0} addresses`;
    const live = `${devices.total} of ${truth.length} devices found, ${devices.online} read · ${swept}`;
    return discovery?.phase === "done" && devices.online >= truth.length ? { done: true, live } : { live };
  });
  const { devices } = await look<StatusPart>(stage, "agent.status");
  for (const { model, count, versions } of devices.byModel) {
    show.line(`${String(count).padStart(3)} × ${model.padEnd(24)} ${versions.map(({ version }) => version).join(", ")}`);
  }
  const found = await devicesOf(story);
  const macs = new Set(found.map(({ mac }) => mac));
  const once = found.length === truth.length && macs.size === truth.length;
  show.check(`all ${truth.length} devices of the site are in the inventory, each once`, once, `${found.length} found`);
  const wrong = truth.filter((device) => {
    const known = found.find(({ mac }) => mac === device.mac);
    const plain = (text: string | undefined): string | undefined => text?.replaceAll(" ", "");
    return known === undefined || !known.running?.startsWith(device.running) || plain(known.model) !== plain(device.model);
  });
  const words = wrong.map(({ model, running, mac }) => `${model} ${mac} ${running}`).join(", ");
  show.check("model and running version agree with every device", wrong.length === 0, words);
  const bySwitch = found.filter(({ switchPort }) => switchPort !== undefined).length;
  show.check(`the switch told the port of ${bySwitch} phones`, bySwitch > 0);
}

export async function settleHealth(story: Story): Promise<void> {
  const { show } = story;
  show.scene("Health settles");
  const devices = await until(story, "the first readings", async () => {
    const all = await devicesOf(story);
    const read = all.filter(({ availability }) => availability === "online");
    const live = `${read.length} of ${all.length} read`;
    return read.length === all.length ? { done: all, live } : { live };
  });
  const lines = devices.reduce((sum, device) => sum + device.lines, 0);
  const registered = devices.reduce((sum, device) => sum + device.registered, 0);
  const troubled = devices.filter(({ conditions }) => conditions.length > 0).length;
  show.line(`● ${devices.length} online · ${registered} of ${lines} lines registered · ${troubled} with a condition`);
  show.check("every line that a device states is registered", lines > 0 && registered === lines, `${registered} of ${lines}`);
}

export async function stageFirmware(story: Story, technician: Desk): Promise<void> {
  const { show, stage } = story;
  show.scene("Firmware comes from the partner's signed channel, once");
  const list = await until(story, "the catalogue", async () => {
    const read = await look<ReleaseList>(stage, "firmware.list");
    return read.releases.length === 2 ? { done: read, live: "" } : { live: "reading the channel" };
  });
  for (const { title, fits, advisories } of list.releases) {
    show.line(`${title} · fits ${fits} devices${advisories.length === 0 ? "" : ` · fixes ${advisories.join(", ")}`}`);
  }
  const staged = await command(technician, "firmware.stage", { release: RELEASE });
  const { releases } = await look<ReleaseList>(stage, "firmware.list");
  const images = releases.find(({ id }) => id === RELEASE)?.images ?? [];
  show.check(`image staged and its hash verified: ${staged.message}`, images.length > 0 && images.every(({ state }) => state === "staged"));
  const requests = (await stage.site.control("GET", "/channel/requests")) as readonly string[];
  const fetched = requests.filter((request) => request.startsWith("GET") && !request.includes(".json")).length;
  show.check("one download over the uplink, however many phones will take it", fetched === 1, `${fetched} downloads`);
}

export interface Planned {
  readonly plan: Plan;
  readonly planHash: string;
}

export async function makePlan(story: Story, technician: Desk): Promise<Planned> {
  const { show } = story;
  show.scene("A plan, with its forecast, before anything moves");
  const answer = await command(technician, "campaign.plan", { release: RELEASE, policy: { reason: "CVE-2026-0826" } });
  const { planHash } = answer.result as Pick<Planned, "planHash">;
  const plan = await fetchPlan((name, args) => command(technician, name, args), planHash);
  for (const line of planLines(plan)) show.line(line);
  show.check("the canary is one device", plan.waves[0]?.tasks.length === 1);
  const rooms = plan.domains.filter(({ kind }) => kind === "room");
  show.check("failure domains are part of the plan", rooms.length > 0, "no rooms");
  const explained = plan.heldBack.every(({ why, lifts }) => why !== "" && lifts !== "");
  show.check("what cannot be moved is held back with its reason", explained);
  return { plan, planHash };
}

function planLines(plan: Plan): string[] {
  const { forecast } = plan;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const nameOf = (id: string): string => plan.tasks.find((task) => task.id === id)?.name ?? id;
  const waves = forecast.waves.map((wave) => {
    const names = (plan.waves.find(({ index }) => index === wave.index)?.tasks ?? []).map(nameOf);
    const some = `${names.slice(0, 3).join(", ")}${names.length > 3 ? " …" : ""}`;
    const long = showDuration(wave.p50Ms).padEnd(12);
    return `  wave ${wave.index}  ${String(wave.devices).padStart(2)} devices  about ${long} ${mb(wave.lanBytes)}  ${some}`;
  });
  const finish = instantOf(forecast.finishP50AtMs).toZonedDateTimeISO(plan.calendar.zone).toPlainTime();
  const fits = forecast.fitsWindow ? "fits" : "does not fit";
  return [
    `${plan.release.title}: ${plan.tasks.length} devices in ${plan.waves.length} waves`,
    ...waves,
    ...plan.heldBack.map((held) => `  held back  ${held.name}: ${held.why} → ${held.lifts}`),
    `LAN ${mb(forecast.lanBytes)}, uplink ${mb(forecast.wanBytes)} (staged), done about ${finish.toString({ smallestUnit: "minute" })}, ${fits} the window`,
  ];
}

export async function signAndStart(story: Story, technician: Desk, { plan, planHash }: Planned): Promise<void> {
  const { show, stage } = story;
  show.scene("Signed by two, started by a command; a forged one is refused");
  const args = { campaign: plan.campaign, planHash };
  const stolenName = { ...stage.stranger, key: { ...stage.stranger.key, kid: stage.technician.key.kid } };
  const mallory = await deskOf(stage, stolenName, story.stop);
  const forged = await mallory.ask("campaign.start", args);
  await mallory.close();
  const seen = (answer: { status: string; code: string }): string => `${answer.status} ${answer.code}`;
  show.check(`a copy signed with another key is refused (${forged.code})`, seen(forged) === "rejected badSignature", seen(forged));
  const alone = await technician.ask("campaign.start", args);
  show.check(`one person alone cannot start it (${alone.code})`, seen(alone) === "rejected needsSecondPerson", seen(alone));
  const { entries } = await look<{ entries: readonly { action: string; detail: { code?: string } }[] }>(stage, "audit.list", {
    limit: 500,
  });
  const stands = (code: string): boolean => entries.some(({ action, detail }) => action === "command.refused" && detail.code === code);
  show.check("both refusals stand in the audit log", stands("badSignature") && stands("needsSecondPerson"));
  const approver = await deskOf(stage, stage.approver, story.stop);
  await command(approver, "campaign.approve", args);
  await approver.close();
  show.line(`approved by ${stage.approver.id}, plan ${planHash.slice(0, 12)}…`);
  const started = await command(technician, "campaign.start", args);
  show.check(`started by ${stage.technician.id} over MQTT`, started.status === "done", started.message);
}

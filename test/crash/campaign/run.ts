/** Runs one story with one trouble in it, over as many lives as it takes, and says how everything stands at the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CampaignState, isFinalCampaign } from "../../../firmware/waves/campaign-state.ts";
import { isFinal, type TaskState } from "../../../firmware/waves/task-state.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { DAY, HOUR, loopTurn, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { openStore } from "../../../store/open.ts";
import { deviceOf, MODELS, macOf, NOW, PARTS, release, sha } from "../../firmware/waves/builders.ts";
import { createDesk } from "./desk.ts";
import type { Ground } from "./ground.ts";
import { folderOf, type Life, openLife } from "./life.ts";
import { createSite } from "./phones.ts";
import { actCommon, type Mind, type Story } from "./story.ts";
import { handOf, Killed, type Trouble } from "./trouble.ts";

/** How everything stands: compared between a run with trouble and one without. */
export interface End {
  readonly campaign: string;
  readonly waves: readonly string[];
  /** By device: how its task ended, what the phone runs, whether it holds a slot. */
  readonly devices: ReadonlyMap<string, string>;
  /** At the desk, as open ones with their devices' causes. */
  readonly tickets: readonly string[];
}

export interface Ran {
  readonly end: End;
  /** Every trouble came, and to something. */
  readonly struck: boolean;
  readonly device: string | undefined;
  readonly points: ReadonlySet<string>;
  readonly lives: number;
  /** What must never be, in words. */
  readonly broken: readonly string[];
}

const TICK_MS: Ms = 5 * SECOND;
const TICKS_MAX = (3 * HOUR) / TICK_MS;
/** Ten minutes: a start that takes longer hangs. */
const RECOVERY_TICKS_MAX = 600;
const STONE = "5.9.8.5760";
const POLICY = {
  ...{ soak: "30s", deferral: "2h", lookAgain: "20s", lostAfter: "3m", attemptsMax: 4, retryAfter: "20s" },
  ...{ failuresAllowed: 10, atRiskMax: 12 },
};

const edge = (fromMin: string, fromMax: string) => ({
  ...{ models: [...MODELS], fromMin, fromMax, reversibility: "in_place" },
  ...{ durationMs: { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE }, revertMs: 12 * MINUTE },
});
const stone = release({
  ...{ id: "ucs-5.9.8", title: "UC Software 5.9.8", version: STONE, edges: [edge("5.7.0", "5.9.7.9999")] },
  images: [{ target: "ucs/stone.ld", partNumbers: [PARTS["VVX 450"]], sizeBytes: 80_000_000, sha256: sha("c") }],
});
const target = release({ edges: [edge("5.9.8", "6.4.7.9999")] });

const OLD = "5.7.3.1797" as Version;
const RUNNING = "6.4.6.2494" as Version;
/** What phones run before, to go back to. Nobody gets there by way of a plan up. */
const BEFORE = [OLD, RUNNING].map((version, i) =>
  release({
    ...{ id: `ucs-${version}`, title: `UC Software ${version}`, version, edges: [edge("5.0.0", "5.0.1")] },
    images: [{ target: `ucs/before-${i}.ld`, partNumbers: [PARTS["VVX 450"]], sizeBytes: 80_000_000, sha256: sha(i === 0 ? "d" : "e") }],
  }),
);

function phoneRow(number: number, running: Version): DeviceRow {
  return {
    ...{ id: deviceOf(number), mac: macOf(number), name: `Phone ${number}`, address: `127.1.0.${number}`, serial: `serial-${number}` },
    ...{ family: "uc-phone", model: "VVX 450", partNumber: PARTS["VVX 450"], running, updater: running, managedBy: "none" },
    ...{ availability: "online", inUse: { state: "idle" }, lines: [{ address: `100${number}@pbx.example`, registered: true }], parts: [] },
    ...{ firstSeenMs: NOW, lastSeenMs: NOW, adopted: true },
  };
}

function prepare(ground: Ground, story: Story): void {
  const releases = [stone, target, ...(story.back === undefined ? [] : BEFORE)];
  const store = openStore({ directory: folderOf(ground), nowMs: NOW });
  store.transaction(() => {
    for (const { row } of ground.site.phones.values()) store.devices.save(row);
    store.releases.saveCatalogue({ version: 3, expiresAtMs: NOW + 90 * DAY, releases }, NOW);
    for (const { images } of releases)
      for (const { sha256, sizeBytes } of images) store.releases.saveImage({ sha256, sizeBytes, state: "staged", atMs: NOW });
  });
  store.close();
}

export async function runStory(story: Story, troubles: readonly Trouble[], seed: number): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-matrix-"));
  try {
    return await run(story, troubles, { folder, seed });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(story: Story, troubles: readonly Trouble[], { folder, seed }: { folder: string; seed: number }): Promise<Ran> {
  const random = seededRandom(seed);
  const rows = Array.from({ length: story.phones }, (_, i) => phoneRow(i + 1, i < story.onStone ? OLD : RUNNING));
  const site = createSite(rows, NOW, random);
  const ground: Ground = {
    ...{ site, hand: handOf(troubles), folder, lives: 0, tokens: 0, policy: POLICY, points: new Set<string>() },
    desk: createDesk(site.nowMs),
    ...{ told: [], changes: [], broken: [], bugs: [] },
  };
  prepare(ground, story);
  const mind: Mind = { fates: undefined, resumed: false, waited: false, turned: false, halts: false };
  let life: Life | undefined;
  let quiet = 0;
  let ticks = 0;
  for (; ticks < TICKS_MAX && quiet < 3; ticks++) {
    try {
      life ??= await begin(ground);
      if (!life.isDead()) actCommon(story, target.id, { ground, life, mind });
      if (!life.isDead()) await life.turn();
      quiet = isQuiet(story, life) ? quiet + 1 : 0;
    } catch (error) {
      // A verb that failed for want of a disk is asked again, as people do.
      if (!(error instanceof Killed) && !troubles.some(({ kind }) => kind === "rowError")) throw error;
    }
    if (life?.isDead() === true) {
      life.close();
      life = undefined;
      // A service manager starts it again after a while; phones go on meanwhile.
      site.pass(random.below(40) * SECOND);
    }
    site.pass(TICK_MS);
  }
  if (life === undefined) {
    const what = `${story.id} with ${JSON.stringify(troubles)} and seed ${seed}`;
    throw new Error(`no life is left after ${ticks} turns and ${ground.lives} starts of ${what}: ${ground.bugs.join("; ")}`);
  }
  const broken = [...ground.broken, ...judge(ground, life, troubles)];
  if (ticks >= TICKS_MAX)
    broken.push(`it did not come to its end: ${JSON.stringify(life.store.tasks.active().map(({ device, state }) => [device, state]))}`);
  const end = endOf(ground, life);
  life.close();
  return {
    end,
    struck: ground.hand.struck && !ground.hand.armed,
    device: ground.hand.device,
    points: ground.points,
    lives: ground.lives + 1,
    broken,
  };
}

async function begin(ground: Ground): Promise<Life> {
  const life = openLife(ground);
  const check = life.store.audit.verify();
  if (!check.ok) ground.broken.push(`the audit chain does not hold after start ${ground.lives}: ${JSON.stringify(check)}`);
  const held = life.store.reservations.all();
  const risky = new Set<string>(life.store.tasks.atRisk());
  for (const { device } of held)
    if (!risky.has(device)) ground.broken.push(`${device} holds a slot and is not at risk after start ${ground.lives}`);
  for (const device of risky)
    if (!held.some((one) => one.device === device)) ground.broken.push(`${device} is at risk without a slot after start ${ground.lives}`);
  // Phones and time do not wait for it.
  const recovery = { over: false };
  const done = life
    .recover()
    .catch((error: unknown) => {
      if (error instanceof Killed || life.isDead()) return;
      // As the daemon: it cannot start, ends, and is started again.
      ground.bugs.push(`the recovery failed: ${String(error)}`);
      life.end();
    })
    .finally(() => {
      recovery.over = true;
    });
  for (let i = 0; i < RECOVERY_TICKS_MAX && !recovery.over && !life.isDead(); i++) {
    await loopTurn();
    if (!recovery.over) ground.site.pass(SECOND);
  }
  if (!life.isDead()) await done;
  return life;
}

function isQuiet(story: Story, { store, isDead }: Life): boolean {
  if (isDead()) return false;
  const campaign = store.campaigns.list(1)[0];
  if (campaign === undefined || !isFinalCampaign(campaign.state)) return false;
  if (story.back !== undefined && store.campaigns.load(campaign.id)?.plan.rollback === undefined) return false;
  const tasks = store.tasks.ofCampaign(campaign.id);
  if (tasks.some(({ state }) => !isFinal(state) && "attempt" in state && state.at !== "failedRetryable")) return false;
  if (campaign.state.at.startsWith("completed") && tasks.some(({ state }) => !isFinal(state))) return false;
  return store.tickets.list().every((ticket) => ticket.deliveredVersion === ticket.version);
}

/** What the phones and the desk counted. */
function judge(ground: Ground, life: Life, troubles: readonly Trouble[]): string[] {
  const broken: string[] = [];
  for (const phone of ground.site.phones.values()) {
    const { id } = phone.row;
    if (phone.commands.includes("none")) broken.push(`${id} was commanded with nothing on offer`);
    if (new Set(phone.commands).size < phone.commands.length)
      broken.push(`${id} was commanded twice in one attempt: ${phone.commands.join(" ")}`);
    for (const [version, legs] of legsTo(id, life))
      if (phone.flashed.filter((one) => one === version).length > legs) broken.push(`${id} was updated twice: ${phone.flashed.join(" ")}`);
    const tokens = phone.taken.map(({ token }) => token);
    if (new Set(tokens).size < tokens.length) broken.push(`${id} took an image twice in one attempt`);
    const known = new Set(attemptsOf(life).map(({ token }) => token));
    for (const token of [...phone.commands, ...tokens])
      if (!known.has(token)) broken.push(`${id} was commanded by an attempt without a row`);
  }
  const keys = ground.desk.tickets.map(({ key }) => key);
  if (new Set(keys).size < keys.length) broken.push(`tickets were doubled: ${keys.join(" ")}`);
  const wanted = life.store.tickets.list().filter(({ state }) => state === "open");
  for (const { remoteId, key } of wanted)
    if (!ground.desk.tickets.some(({ id }) => id === remoteId)) broken.push(`ticket ${key} never came to the desk`);
  if (!life.store.audit.verify().ok) broken.push("the audit chain does not hold at the end");
  const expected = troubles.filter(({ kind }) => kind === "portError" || kind === "rowError").length;
  if (ground.bugs.length > expected) broken.push(`the drive met bugs: ${ground.bugs.join("; ")}`);
  return broken;
}

/** How many legs of all plans lead the device to each version. */
function legsTo(id: DeviceRow["id"], { store }: Life): ReadonlyMap<string, number> {
  const plans = store.campaigns.list().map((one) => store.campaigns.load(one.id)?.plan);
  const legs = plans.flatMap((plan) => plan?.tasks.find(({ device }) => device === id)?.legs ?? []);
  return new Map([...Map.groupBy(legs, ({ to }) => to)].map(([to, all]) => [to, all.length]));
}

const attemptsOf = ({ store }: Life) =>
  store.campaigns.list().flatMap(({ id }) => store.tasks.ofCampaign(id).flatMap((task) => store.attempts.ofTask(task.id)));

/**
 * In a halted campaign nobody is tried again, and its drive ends with the last one under way: whether one that was to be tried
 * again had its turn before that, and is held, depends on the moment. Everywhere else the two are two.
 */
const restOf = (campaign: CampaignState["at"], task: TaskState["at"]): string =>
  campaign === "halted" && task === "failedRetryable" ? "held" : task;

function endOf({ site, desk }: Ground, { store }: Life): End {
  const campaign = store.campaigns.list(1)[0];
  if (campaign === undefined) throw new Error("nothing was planned");
  const slots = new Set<string>(store.reservations.all().map(({ device }) => device));
  const devices = new Map<string, string>();
  const all = store.campaigns.list().flatMap((one) => store.tasks.ofCampaign(one.id).map((task) => ({ ...task, of: one.state.at })));
  for (const { device, state, of } of all) {
    const how = state.at === "succeeded" ? ` ${state.how}` : state.at === "failed" ? ` ${state.cause}` : "";
    const newest = devices.get(device);
    if (newest !== undefined) devices.set(device, `${newest}, before it ${state.at}${how}`);
    else
      devices.set(
        device,
        `${restOf(of, state.at)}${how}, runs ${site.phones.get(device)?.version}${slots.has(device) ? ", holds a slot" : ""}`,
      );
  }
  return {
    campaign: store.campaigns
      .list()
      .map(({ state }) => state.at)
      .join(", before it "),
    waves: store.campaigns.waves(campaign.id).map(({ state }) => state.at),
    devices,
    tickets: desk.tickets.map(({ key, state }) => `${key.split(".")[0]} ${state}`).toSorted(),
  };
}

/** One story: lives of the daemon that end at random moments, until its campaign is over. */
import { ChildFailed } from "../../../agent/demo/child.ts";
import type { Random } from "../../../protocols/core/random.ts";
import { realElapsedMs, realSleep } from "../../../protocols/core/time.ts";
import { type Ground, lookAfter } from "./ground.ts";
import { judgeReadings, judgeSlots } from "./judge.ts";
import { readLatest, readProgress, readRows } from "./rows.ts";

export interface Lives {
  readonly broken: string[];
  kills: number;
  /** Of them before the daemon was ready. */
  starting: number;
  /** From the start of the process to its ready line, real milliseconds. */
  readonly readyMs: number[];
}

export interface LivesOptions {
  readonly random: Random;
  readonly killsMax: number;
  onKill(kills: number): void;
}

/** Real milliseconds from ready to the kill: at most a minute of the site's clock. */
const LIFE_MS = 1_000;
/** A soak begins anew with each life: one life in so many lasts until a task or a wave has come further, on whatever machine. */
const LIVES_FURTHER = 4;
const FURTHER_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** One start in so many is killed as well, at the latest after so long: most of them before they are ready. */
const STARTS_KILLED = 2;
const START_MS = 2_500;

/** Kills until the campaign is over or enough were killed, then lets it come to its end. */
export async function live(ground: Ground, { random, killsMax, onKill }: LivesOptions): Promise<Lives> {
  const { crash, plan } = ground;
  const lives: Lives = { broken: [], kills: 0, starting: 0, readyMs: [] };
  const { folder } = crash.stage;
  while (lives.kills < killsMax) {
    const at = await crash.campaign(plan.campaign);
    if (isOver(at.state)) break;
    await lookAfter(ground, at);
    if (random.below(LIVES_FURTHER) === 0) await comeFurther(folder);
    await realSleep(random.below(LIFE_MS));
    const before = readLatest(folder);
    await crash.stage.agent().kill();
    onKill(++lives.kills);
    while (lives.kills < killsMax && random.below(STARTS_KILLED) === 0) {
      const readyMs = await killStarting(ground, random.below(START_MS));
      if (readyMs === undefined) lives.starting++;
      else lives.readyMs.push(readyMs);
      onKill(++lives.kills);
    }
    lives.readyMs.push(await startAgain(ground));
    const { result } = await crash.ask("audit.verify");
    const chain = (result as { readonly ok: boolean }).ok ? [] : ["the audit chain does not hold"];
    const broken = [...judgeSlots(readRows(folder)), ...judgeReadings(before, readLatest(folder)), ...chain];
    lives.broken.push(...broken.map((promise) => `after kill ${lives.kills}: ${promise}`));
  }
  await comeToEnd(ground, lives);
  return lives;
}

/** Until more tasks are at their end or another wave is under way; or it is enough of waiting. */
async function comeFurther(folder: string): Promise<void> {
  const limit = AbortSignal.timeout(FURTHER_MS);
  const was = readProgress(folder);
  while (!limit.aborted && readProgress(folder) === was) await realSleep(LOOK_EVERY_MS);
}

const isOver = (state: string): boolean => state.startsWith("completed") || state === "halted";

/** @returns when it was ready, where it was before the kill */
async function killStarting({ crash }: Ground, afterMs: number): Promise<number | undefined> {
  const beganMs = realElapsedMs();
  try {
    const agent = await crash.stage.startAgent([], AbortSignal.timeout(afterMs));
    const readyMs = Math.round(realElapsedMs() - beganMs);
    await agent.ended;
    return readyMs;
  } catch (error) {
    if (error instanceof ChildFailed && error.signal === "SIGKILL") return undefined;
    throw error;
  }
}

/** @returns real milliseconds until it was ready */
async function startAgain({ crash }: Ground): Promise<number> {
  const beganMs = realElapsedMs();
  await crash.stage.startAgent();
  return Math.round(realElapsedMs() - beganMs);
}

/** Everybody has heard everything. */
async function comeToEnd(ground: Ground, lives: Lives): Promise<void> {
  const { crash, plan } = ground;
  let seen: unknown;
  const end = await crash
    .until("the end of the campaign", async () => {
      const view = await crash.campaign(plan.campaign);
      seen = view;
      await lookAfter(ground, view);
      return isOver(view.state) ? view : undefined;
    })
    .catch((cause: unknown) => {
      throw new Error(`${String(cause)}\nits campaign stands so: ${JSON.stringify(seen)}`, { cause });
    });
  if (end.state === "halted") lives.broken.push(`the campaign was halted: ${end.why}`);
  await crash.until("all tickets at the desk", async () =>
    readRows(crash.stage.folder).tickets.every(({ remoteId }) => remoteId !== null) ? true : undefined,
  );
  await crash.until("an empty outbox", async () => {
    const { result } = await crash.ask("agent.status");
    return (result as { outbox: { waiting: number } }).outbox.waiting === 0 ? true : undefined;
  });
  await crash.until("a feed without gaps", async () => (crash.portal.missing === 0 ? true : undefined));
}

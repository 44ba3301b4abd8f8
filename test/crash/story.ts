/**
 * The ground of the crash test: a stage whose daemon dies at named points, and is started again whenever it did.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CampaignView } from "../../agent/campaigns/view.ts";
import type { Answer } from "../../agent/cli/ask-local.ts";
import { openDesk } from "../../agent/cli/desk.ts";
import { fetchPlan } from "../../agent/cli/pieces.ts";
import { ChildFailed } from "../../agent/demo/child.ts";
import { type Person, type Stage, setStage } from "../../agent/demo/stage.ts";
import { openPortal } from "../../agent/demo/story.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { createPortal, type Portal } from "../../fixtures/portal/portal.ts";
import { parseSiteId } from "../../protocols/core/ids.ts";
import { realSleep } from "../../protocols/core/time.ts";

/** Every named place before and after a task's row is written. */
export const POINTS = [
  "after:→staged",
  "after:→held",
  "after:→deferred",
  "before:reserved",
  "after:→reserved",
  "before:commandIntended",
  "after:commandIntended",
  "before:commandAccepted",
  "after:commandAccepted",
  "after:→applying",
  "before:wentDown",
  "after:→rebooting",
  "before:answered",
  "after:→verifying",
  "before:checksPassed",
  "after:→soaking",
  "after:→unknown",
  "before:soakPassed",
  "after:→succeeded",
  "after:→failedRetryable",
  "after:→failed",
  "after:→lost",
  "after:→skipped",
  "after:→refused",
] as const;

export interface CrashStage {
  readonly stage: Stage;
  readonly portal: Portal;
  readonly kills: () => number;
  /** Points that nothing has come to yet. */
  left(): Promise<readonly string[]>;
  arm(points: readonly string[]): Promise<void>;
  /** Asks the daemon; where it died meanwhile, starts it and asks again. */
  ask(name: string, args?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** A signed command; repeated where the daemon died over it. */
  command(person: Person, name: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** A campaign planned by a signed command, with the whole of its plan. Throws where it was not done. */
  plan(person: Person, args: Readonly<Record<string, unknown>>): Promise<{ readonly plan: Plan; readonly planHash: string }>;
  until<T>(what: string, look: () => Promise<T | undefined>): Promise<T>;
  campaign(id: string): Promise<CampaignView>;
  restart(settings: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

/** Two dozen starts of the agent lie in it, on whatever machine. */
const PATIENCE_MS = 300_000;
const LOOK_EVERY_MS = 150;
/** A start takes two or three seconds, on a machine that is busy with other things a dozen and more. */
const READY_WITHIN_MS = 120_000;

export async function setCrashStage(options: {
  readonly devices: number;
  readonly factor: number;
  readonly originMs: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  /** The daemon as a customer runs it, killed from outside; else the one that kills itself at named points. */
  readonly fromOutside?: boolean;
}): Promise<CrashStage> {
  const folder = await mkdtemp(join(tmpdir(), "groundswell-crash-"));
  const killFile = join(folder, "points.json");
  const arm = (points: readonly string[]): Promise<void> => writeFile(killFile, JSON.stringify(points));
  await arm([]);
  const opened: { portal: Portal; close(): Promise<void> } = { portal: createPortal(), close: async () => undefined };
  const { fromOutside = false, seed = 11 } = options;
  const extra = fromOutside ? [] : ["--kill-file", killFile];
  const stage = await setStage({
    ...options,
    seed,
    broker: "embedded",
    ...(fromOutside ? {} : { agentEntry: join(import.meta.dirname, "agent-entry.ts") }),
    agentArguments: extra,
    readyWithinMs: READY_WITHIN_MS,
    onPart: () => undefined,
    async beforeAgent(broker) {
      const { portal, client } = await openPortal(broker);
      opened.portal = portal;
      opened.close = () => client.close();
    },
  });
  let kills = 0;
  const revive = async (): Promise<void> => {
    const { process: child } = stage.agent();
    if (child.exitCode === null && child.signalCode === null) return;
    if (child.signalCode !== "SIGKILL")
      throw new Error(`the agent ended by itself (${child.exitCode}):\n${stage.agent().talk().slice(-3_000)}`);
    kills++;
    for (;;) {
      try {
        await stage.startAgent(extra);
        return;
      } catch (error) {
        if (!(error instanceof ChildFailed) || error.signal !== "SIGKILL") throw error;
        kills++; // killed again before it was ready
      }
    }
  };
  const patiently = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const limit = AbortSignal.timeout(PATIENCE_MS);
    let last: unknown;
    while (!limit.aborted) {
      await revive();
      try {
        const found = await look();
        if (found !== undefined) return found;
      } catch (error) {
        last = error;
      }
      await realSleep(LOOK_EVERY_MS);
    }
    const word = last instanceof Error ? last.message : "it did not come";
    throw new Error(`waited ${PATIENCE_MS} ms for ${what}: ${word}\nthe agent's last words:\n${stage.agent().talk().slice(-3_000)}`);
  };
  const ask: CrashStage["ask"] = (name, args = {}) => patiently(name, () => stage.ask(name, args));
  const site = parseSiteId(stage.siteId);
  if (site === undefined) throw new Error("the stage has no site id");
  const command: CrashStage["command"] = (person, name, args) =>
    patiently(name, async () => {
      const io = { clock: stage.clock, environment: {}, stop: AbortSignal.timeout(8_000), note: () => undefined };
      const desk = await openDesk({ broker: stage.brokerUrl, site, key: person.key, options: {} }, io);
      try {
        return await desk.ask(name, args);
      } finally {
        await desk.close();
      }
    });
  return {
    stage,
    get portal() {
      return opened.portal;
    },
    kills: () => kills,
    arm,
    left: async () => JSON.parse(await readFile(killFile, "utf8")) as readonly string[],
    ask,
    until: patiently,
    command,
    async plan(person, args) {
      const answer = await command(person, "campaign.plan", { policy: {}, ...args });
      if (answer.status !== "done") throw new Error(`campaign.plan: ${answer.message}`);
      const { planHash } = answer.result as { readonly planHash: string };
      return { plan: await fetchPlan(ask, planHash), planHash };
    },
    async campaign(id) {
      const answer = await ask("campaign.status", { campaign: id });
      if (answer.status !== "done") throw new Error(answer.message);
      return answer.result as CampaignView;
    },
    async restart(settings) {
      await stage.agent().end();
      const now = JSON.parse(await readFile(stage.configPath, "utf8")) as Record<string, unknown>;
      await writeFile(stage.configPath, JSON.stringify({ ...now, ...settings }));
      await stage.startAgent(extra);
    },
    async close() {
      await opened.close();
      await stage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

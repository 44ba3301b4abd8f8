/**
 * The demonstration: the whole product on a simulated site, over real sockets, in about a minute. Without a viewer it is
 * the end-to-end test: each promise is a line, and the last line counts them.
 */
import { systemClock } from "../../protocols/core/time.ts";
import type { CliIo } from "../cli/context.ts";
import { ChildFailed } from "./child.ts";
import { proof } from "./proof.ts";
import { findTheSite, makePlan, settleHealth, signAndStart, stageFirmware } from "./scenes-before.ts";
import { arrangeTrouble, brokerGone, canary, personDecides, theRest, troubledWave } from "./scenes-waves.ts";
import { createShow, type Show } from "./show.ts";
import { type Stage, setStage } from "./stage.ts";
import { deskOf, openPortal, type Story, StoryEnded } from "./story.ts";

export interface DemoOptions {
  readonly seed: number;
  readonly devices: number;
  /** How many of the shared clock's milliseconds pass in one real one. */
  readonly speed: number;
  readonly broker: string;
  /** Asserts every promise, ends by itself. */
  readonly headless: boolean;
  /** Stays up until Ctrl-C and leaves the folder. */
  readonly keep: boolean;
  readonly json: boolean;
}

/** Sunday 01:00 in Zürich is when the window opens; the story begins a little before. */
const STORY_STARTS_MS = Temporal.Instant.from("2026-11-21T23:45:00Z").epochMilliseconds;
const POLICY = { soak: "2m", lostAfter: "10m", deferral: "2h", lookAgain: "30s", retryAfter: "1m" };

/** @returns the exit code: 0 when every promise was kept */
export async function runDemo(options: DemoOptions, io: CliIo): Promise<number> {
  const clock = systemClock();
  const startedMs = clock.nowMs();
  const show = createShow({
    out: io.out,
    terminal: io.outIsTerminal && !options.headless,
    color: io.outIsTerminal && io.environment["NO_COLOR"] === undefined,
    json: options.json,
    columns: io.columns,
    elapsedMs: () => clock.nowMs() - startedMs,
  });
  const opened: { stage?: Stage; closePortal?: () => Promise<void> } = {};
  try {
    await play(options, { show, io, opened });
  } catch (error) {
    if (!(error instanceof StoryEnded || error instanceof ChildFailed)) throw error;
    show.check("the story was told to its end", false, error.message);
    if (opened.stage !== undefined) show.line(`the agent's last words:\n${opened.stage.agent().talk().slice(-4_000)}`);
  } finally {
    show.end();
    await opened.closePortal?.();
    await opened.stage?.close({ keepFolder: options.keep });
  }
  if (options.keep && opened.stage !== undefined) io.err(`Everything is in ${opened.stage.folder}\n`);
  summary(show, options, io, clock.nowMs() - startedMs);
  return show.failed === 0 ? 0 : 1;
}

interface Playing {
  readonly show: Show;
  readonly io: CliIo;
  readonly opened: { stage?: Stage; closePortal?: () => Promise<void> };
}

async function play(options: DemoOptions, { show, io, opened }: Playing): Promise<void> {
  show.scene("Groundswell for Northwind Managed Voice: Contoso AG, Zürich");
  const heard: Partial<Awaited<ReturnType<typeof openPortal>>> = {};
  const stage = await setStage({
    seed: options.seed,
    devices: options.devices,
    factor: options.speed,
    originMs: STORY_STARTS_MS,
    broker: options.broker,
    settings: { policy: POLICY },
    onPart: (part, detail) => show.line(`${part.padEnd(15)} ${detail}`),
    async beforeAgent(broker) {
      Object.assign(heard, await openPortal(broker));
    },
  });
  opened.stage = stage;
  const { portal, client } = heard;
  if (portal === undefined || client === undefined) throw new StoryEnded("the portal did not listen");
  opened.closePortal = () => client.close();
  await tell({ stage, show, portal, stop: io.stop });
  if (options.keep && !options.headless) await stayUp(stage, show, io);
}

async function tell(story: Story): Promise<void> {
  const { stage } = story;
  await findTheSite(story);
  await settleHealth(story);
  const technician = await deskOf(stage, stage.technician, story.stop);
  try {
    await stageFirmware(story, technician);
    const planned = await makePlan(story, technician);
    const trouble = await arrangeTrouble(story, planned);
    await signAndStart(story, technician, planned);
    await canary(story, planned);
    await troubledWave(story, planned, trouble);
    await personDecides(story, technician, planned, trouble);
    await brokerGone(story);
    await theRest(story, planned);
    await proof(story, planned, trouble);
  } finally {
    await technician.close();
  }
}

async function stayUp(stage: Stage, show: Show, io: CliIo): Promise<void> {
  show.scene("It stays up until Ctrl-C");
  show.line(`bin/groundswell status --socket ${stage.socket}`);
  show.line(`bin/groundswell device list --socket ${stage.socket}`);
  await new Promise<void>((resolve) => {
    if (io.stop.aborted) resolve();
    else io.stop.addEventListener("abort", () => resolve(), { once: true });
  });
}

function summary(show: Show, { json }: DemoOptions, io: CliIo, tookMs: number): void {
  const { passed, failed } = show;
  if (json) io.out(`${JSON.stringify({ schema: "groundswell.demo-summary/1", passed, failed, tookMs: Math.round(tookMs) })}\n`);
  else io.out(`\n${passed} passed, ${failed} failed\n`);
}

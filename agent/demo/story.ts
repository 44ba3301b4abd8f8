/**
 * What the scenes share: the stage, the viewer, the technicians' desks, the portal's ear, and patience with a limit.
 */
import { createPortal, type Portal } from "../../fixtures/portal/portal.ts";
import { parseSiteId, type SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { MqttClient } from "../../protocols/mqtt/link.ts";
import { everythingFilter } from "../../protocols/mqtt/topics.ts";
import type { TaskView } from "../campaigns/task-view.ts";
import type { CampaignView } from "../campaigns/view.ts";
import type { Answer } from "../cli/ask-local.ts";
import { type Desk, openDesk } from "../cli/desk.ts";
import type { DeviceView } from "../views/devices.ts";
import type { Show } from "./show.ts";
import type { Person, Stage } from "./stage.ts";

export interface Story {
  readonly stage: Stage;
  readonly show: Show;
  readonly portal: Portal;
  readonly stop: AbortSignal;
}

/** Real milliseconds anything in the story may take. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 250;

export class StoryEnded extends Error {
  override readonly name = "StoryEnded";
}

/** Asks again until it is so. `live` shows the wait. @throws StoryEnded with the last word where patience runs out */
export async function until<T>(
  story: Pick<Story, "show" | "stop">,
  what: string,
  ask: () => Promise<{ readonly done?: T; readonly live: string }>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const clock = systemClock();
  const endMs = clock.nowMs() + patienceMs;
  for (;;) {
    const { done, live } = await ask();
    if (done !== undefined) return done;
    if (story.stop.aborted) throw new StoryEnded("stopped by the viewer");
    if (clock.nowMs() > endMs) throw new StoryEnded(`waited ${patienceMs / 1000} s for ${what}; last seen: ${live}`);
    story.show.live(live);
    await clock.sleep(LOOK_EVERY_MS, story.stop).catch(() => undefined);
  }
}

/** The result of a look, or the end of the story. */
export async function look<T>(stage: Pick<Stage, "ask">, name: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
  const answer = await stage.ask(name, args);
  if (answer.status !== "done") throw new StoryEnded(`${name}: ${answer.code}: ${answer.message}`);
  return answer.result as T;
}

export const campaignOf = (story: Pick<Story, "stage">, campaign: string): Promise<CampaignView> =>
  look(story.stage, "campaign.status", { campaign });
export const devicesOf = async (story: Pick<Story, "stage">): Promise<readonly DeviceView[]> =>
  (await look<{ devices: DeviceView[] }>(story.stage, "device.list")).devices;

/** Listens to everything from before the daemon's first word. */
export async function openPortal(broker: { readonly port: number }): Promise<{ portal: Portal; client: MqttClient }> {
  const portal = createPortal();
  const io = { clock: systemClock(), random: systemRandom() };
  const client = createMqttClient({ host: "127.0.0.1", port: broker.port, clientId: "portal" }, io);
  client.subscribe(everythingFilter(), ({ topic, payload }) => portal.take(topic, payload));
  await client.online(AbortSignal.timeout(10_000));
  return { portal, client };
}

/** A person's desk: signed commands over MQTT to this one site. */
export function deskOf(stage: Stage, person: Person, stop: AbortSignal): Promise<Desk> {
  const site = parseSiteId(stage.siteId) as SiteId;
  return openDesk(
    { broker: stage.brokerUrl, site, key: person.key, options: {} },
    { clock: stage.clock, environment: {}, stop, note: () => undefined },
  );
}

/** A command that must succeed for the story to go on. */
export async function command(desk: Desk, name: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
  const answer = await desk.ask(name, args);
  if (answer.status !== "done") throw new StoryEnded(`${name} was ${answer.status}: ${answer.code}: ${answer.message}`);
  return answer;
}

export function taskOf(view: CampaignView, device: string): TaskView {
  const task = view.tasks.find((one) => one.device === device);
  if (task === undefined) throw new StoryEnded(`${device} is not in the campaign`);
  return task;
}

/** `3 rebooting, 1 soaking`: how the tasks of a wave stand. */
export function standingOf(view: CampaignView, wave: number): string {
  const counts = new Map<string, number>();
  for (const task of view.tasks.filter((one) => one.wave === wave)) counts.set(task.at, (counts.get(task.at) ?? 0) + 1);
  return [...counts].map(([at, count]) => `${count} ${at}`).join(", ");
}

/**
 * The second half: canary, a wave that goes wrong and holds, a person who decides, a broker that goes away, the rest.
 */
import type { Desk } from "../cli/desk.ts";
import type { TicketView } from "../views/tickets.ts";
import type { Planned } from "./scenes-before.ts";
import { campaignOf, command, look, type Story, standingOf, taskOf, until } from "./story.ts";

const localTime = (at: string | undefined, zone: string): string =>
  at === undefined ? "soon" : Temporal.Instant.from(at).toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: "minute" });

export async function canary(story: Story, { plan }: Planned): Promise<void> {
  const { show, stage } = story;
  show.scene("Wave 1: the canary");
  const device = plan.tasks.find(({ id }) => id === plan.waves[0]?.tasks[0])?.device ?? "";
  let sawWindow = false;
  await until(story, "the canary to pass", async () => {
    const view = await campaignOf(story, plan.campaign);
    const task = taskOf(view, device);
    if (!sawWindow && task.at === "held" && task.why?.includes("window")) {
      show.line(`${task.name} waits: ${task.why}, until ${localTime(task.until, plan.calendar.zone)} local time`);
      sawWindow = true;
    }
    const live = `${task.name}: ${task.at}${task.why === undefined ? "" : `, ${task.why}`}`;
    return view.waves[0]?.state === "passed" ? { done: view, live } : { live };
  });
  const [truth] = (await stage.site.devices()).filter(({ mac }) => `d-${mac}` === device);
  const runs = truth?.running === plan.release.version;
  show.check(`the canary runs ${plan.release.version} and was watched for its soak`, runs, truth?.running);
}

/** Devices the site is told to make trouble with. */
export interface Trouble {
  readonly inCall: string;
  readonly lost: string;
}

/** Before the start: one phone of wave 2 gets a call, another will never come back, a third is called as it is commanded. */
export async function arrangeTrouble(story: Story, { plan }: Planned): Promise<Trouble> {
  const { site } = story.stage;
  const [first, other] = (plan.waves[1]?.tasks ?? []).map((id) => plan.tasks.find((task) => task.id === id));
  if (first === undefined || other === undefined) throw new Error("the plan's second wave needs two devices");
  await site.call(first.mac, true);
  await site.misbehave(other.mac, "neverReturns");
  const third = plan.tasks.find((task) => task.id === plan.waves[2]?.tasks[0]);
  if (third !== undefined) await site.misbehave(third.mac, "callBetweenLookAndCommand", { seconds: 90 });
  return { inCall: first.device, lost: other.device };
}

export async function troubledWave(story: Story, { plan }: Planned, trouble: Trouble): Promise<void> {
  const { show, stage } = story;
  show.scene("Wave 2: one phone is in a call, one never comes back");
  let toldCall = false;
  const view = await until(story, "the gate to hold", async () => {
    const now = await campaignOf(story, plan.campaign);
    const waiting = taskOf(now, trouble.inCall);
    if (waiting.at === "deferred" && !toldCall) {
      show.line(`${waiting.name} is waited for: ${waiting.why}; looked at again at ${localTime(waiting.until, plan.calendar.zone)}`);
      toldCall = true;
    }
    const live = standingOf(now, 2);
    return now.state === "paused" ? { done: now, live } : { live };
  });
  const lost = taskOf(view, trouble.lost);
  const journal = await stage.site.journal();
  const commanded = journal.some(({ mac, what }) => what === "command" && `d-${mac}` === trouble.inCall);
  show.check("the phone in a call was left alone", toldCall && !commanded);
  const held = view.state === "paused" && lost.at === "lost";
  show.check(`the gate holds the campaign: ${view.why ?? ""}`, held, `${view.state}, ${lost.at}`);
  show.line(`${lost.name}: ${lost.why}`);
  const atDesk = await until(story, "the ticket at the desk", async () => {
    const tickets = await stage.site.deskTickets();
    return tickets.length > 0 ? { done: tickets, live: "" } : { live: "the ticket is on its way to the desk" };
  });
  const { tickets } = await look<{ tickets: TicketView[] }>(stage, "ticket.list", { state: "open" });
  show.line(`ticket ${String(atDesk[0]?.["id"])}: ${tickets[0]?.title ?? ""} (${tickets[0]?.queue ?? ""})`);
  const one = atDesk.length === 1 && tickets.length === 1 && tickets[0]?.devices.includes(trouble.lost) === true;
  show.check("one ticket for the cause is at the desk, with its evidence", one);
}

export async function personDecides(story: Story, technician: Desk, { plan }: Planned, trouble: Trouble): Promise<void> {
  const { show, stage } = story;
  const { campaign } = plan;
  show.scene("A person decides: write off the lost phone, go on");
  await stage.site.call(trouble.inCall.slice(2), false);
  show.line("the call has ended");
  const unnamed = await technician.ask("campaign.resume", { campaign });
  show.check("a resume that does not name the gate is refused", unnamed.status === "failed", unnamed.message);
  await command(technician, "campaign.writeOff", { campaign, device: trouble.lost, reason: "power cycle and replacement by the site" });
  await command(technician, "campaign.resume", { campaign, gate: "failureCount" });
  show.line("written off and resumed by j.doe");
  const view = await until(story, "wave 2 to pass", async () => {
    const now = await campaignOf(story, campaign);
    const live = standingOf(now, 2);
    return now.waves[1]?.state === "passed" ? { done: now, live } : { live };
  });
  const { at } = taskOf(view, trouble.inCall);
  show.check("the phone that was in a call is updated", at === "succeeded", at);
}

interface OutboxPart {
  readonly outbox: { readonly waiting: number };
  readonly broker: { readonly connected: boolean };
}

export async function brokerGone(story: Story): Promise<void> {
  const { show, stage, portal } = story;
  show.scene("The broker is taken away, and comes back");
  const before = portal.events.length;
  await stage.relay.cut();
  const queued = await until(story, "events to queue", async () => {
    const { outbox, broker } = await look<OutboxPart>(stage, "agent.status");
    const live = `${outbox.waiting} messages wait in the outbox`;
    return outbox.waiting >= 40 && !broker.connected ? { done: outbox.waiting, live } : { live };
  });
  show.line(`${queued} messages wait; the wave goes on`);
  await stage.relay.mend();
  await until(story, "the outbox to drain", async () => {
    const { outbox, broker } = await look<OutboxPart>(stage, "agent.status");
    const live = `${outbox.waiting} messages wait`;
    return broker.connected && outbox.waiting < 20 ? { done: true, live } : { live };
  });
  show.check(`they arrived: ${portal.events.length - before} events since the cut`, portal.events.length > before);
}

export async function theRest(story: Story, { plan }: Planned): Promise<void> {
  const { show } = story;
  show.scene("The rest");
  const ended = ["completed", "completedWithFailures", "halted", "paused"];
  const view = await until(
    story,
    "the campaign to end",
    async () => {
      const now = await campaignOf(story, plan.campaign);
      const open = now.waves.find(({ state }) => state !== "passed")?.index ?? plan.waves.length;
      const live = `wave ${open}: ${standingOf(now, open)}`;
      return ended.includes(now.state) ? { done: now, live } : { live };
    },
    120_000,
  );
  for (const { index, devices, state, why } of view.waves) {
    show.line(`wave ${index}: ${devices} devices, ${state}${why === undefined ? "" : `, ${why}`}`);
  }
  const counts = Object.entries(view.counts);
  const words = counts.map(([at, count]) => `${count} ${at}`).join(", ");
  show.check(`the campaign ended: ${words}`, view.state === "completed", `${view.state}${view.why === undefined ? "" : `: ${view.why}`}`);
  show.check("counts add up to the plan", counts.reduce((sum, [, count]) => sum + count, 0) === view.planned);
}

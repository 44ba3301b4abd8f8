/**
 * The end of the story: what the simulated site, the desk and the portal counted, never what our own log says.
 */
import type { Planned } from "./scenes-before.ts";
import type { Trouble } from "./scenes-waves.ts";
import type { JournalEntry } from "./site.ts";
import { devicesOf, look, type Story, until } from "./story.ts";

/** Phones that flashed or restarted between the start and the end of one of their calls. */
function callsCut(journal: readonly JournalEntry[]): string[] {
  const inCall = new Set<string>();
  const cut: string[] = [];
  for (const { mac, what } of journal) {
    if (what === "callStart") inCall.add(mac);
    else if (what === "callEnd") inCall.delete(mac);
    else if ((what === "flash" || what === "boot" || what === "dead") && inCall.has(mac)) cut.push(mac);
  }
  return cut;
}

export async function proof(story: Story, { plan }: Planned, trouble: Trouble): Promise<void> {
  const { show, stage } = story;
  show.scene("What the site itself counted");
  const { version } = plan.release;
  const truth = await stage.site.devices();
  const planned = new Set<string>(plan.tasks.map(({ mac }) => mac));
  const moved = truth.filter(({ mac }) => planned.has(mac) && `d-${mac}` !== trouble.lost);
  const wrong = moved.filter(({ running }) => running !== version);
  const words = wrong.map(({ mac, running }) => `${mac} ${running}`).join(", ");
  show.check(`${planned.size - 1} phones run ${version}`, wrong.length === 0, words);
  const others = truth.filter(({ mac, kind }) => kind === "vvx" && !planned.has(mac));
  const untouched = others.every(({ running }) => running !== version);
  show.check("no phone outside the plan was touched", untouched);
  const journal = await stage.site.journal();
  const commandsTo = (mac: string): number => journal.filter((entry) => entry.mac === mac && entry.what === "command").length;
  const twice = [...planned].filter((mac) => commandsTo(mac) !== 1);
  show.check("each phone was commanded exactly once", twice.length === 0, twice.join(", "));
  const cut = callsCut(journal);
  const waited = journal.some(({ what }) => what === "waits");
  show.check("no call was cut off, and the one that began after the look was waited for", cut.length === 0 && waited, cut.join(", "));
  const tickets = await stage.site.deskTickets();
  show.check("the desk holds one ticket", tickets.length === 1, `${tickets.length}`);
  const audit = await look<{ ok: boolean; count?: number }>(stage, "audit.verify");
  show.check(`the audit chain verifies (${audit.count ?? 0} entries)`, audit.ok);
  await feedIsWhole(story);
  const inventory = await devicesOf(story);
  const differ = moved.filter(({ mac, running }) => inventory.find((device) => device.mac === mac)?.running !== running);
  show.check("the inventory agrees", differ.length === 0, `${differ.length} differ`);
}

async function feedIsWhole(story: Story): Promise<void> {
  const { show, portal } = story;
  await until(story, "the feed to be complete", async () => {
    const { missing } = portal;
    const live = `${missing} events still missing at the portal`;
    return portal.events.length > 0 && missing === 0 ? { done: true, live } : { live };
  });
  const faults = portal.faults();
  const whole = portal.events.length > 0 && faults.length === 0;
  show.check(`the portal has every one of ${portal.events.length} events, none lost, none in two versions`, whole, faults.join("; "));
}

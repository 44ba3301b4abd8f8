/** A turn of the drive at a large site with a campaign under way: how long it keeps the main thread. Goal: design section 17. */
import { CAMPUS, drawCampus } from "../test/simulation/waves/campus.ts";
import { storeShelf } from "../test/simulation/waves/memory.ts";
import { runStory } from "../test/simulation/waves/run.ts";
import { absoluteRow, type Row } from "./figure.ts";
import { midCampaign, openAllDay } from "./tick/mid-campaign.ts";

const P95_MS_MAX = 50;

export async function bench(
  say: (text: string) => void,
  { devices = CAMPUS.devices }: { readonly devices?: number | undefined } = {},
): Promise<readonly Row[]> {
  const turnsMs: number[] = [];
  const shelf = storeShelf();
  try {
    const mid = midCampaign(say);
    const { broken, commands } = await runStory(1, {
      ...{ shelf, only: [], plant: () => mid.plant },
      change: () => openAllDay(drawCampus(1, { ...CAMPUS, devices })),
      onTurn: () => void (mid.isReached() && turnsMs.push(mid.sinceTurnMs())),
    });
    if (broken !== undefined) throw new Error(`${broken.id}: ${broken.what}`);
    say(`${turnsMs.length} turns, ${commands} devices commanded meanwhile`);
  } finally {
    shelf.close();
  }
  const sorted = turnsMs.toSorted((a, b) => a - b);
  const row = (name: string, share: number, atMost?: number): Row => {
    const figure = `turn of the drive at a site of ${devices} devices, ms, ${name}`;
    return absoluteRow({ figure, ...(atMost === undefined ? {} : { atMost }) }, [
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN,
    ]);
  };
  return [row("p50", 0.5), row("p95", 0.95, P95_MS_MAX), row("p99", 0.99), row("longest", 1)];
}

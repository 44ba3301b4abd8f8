import diagnostics from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { campaignTwin } from "../../../agent/campaigns/twin-verb.ts";
import { rehearsalSchema } from "../../../agent/rehearsal/document.ts";
import { rehearse } from "../../../agent/rehearsal/rehearse.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { kit, planned } from "../campaigns/kit.ts";
import { FACTS, planOf } from "./kit.ts";

const signal = new AbortController().signal;
const LONG_MS = 120_000;

/** Every socket this process opens while the test lasts. */
function socketsOpened(): string[] {
  const opened: string[] = [];
  for (const name of ["net.client.socket", "udp.socket", "http.client.request.start", "undici:request:create"]) {
    const note = (): void => void opened.push(name);
    diagnostics.subscribe(name, note);
    onTestFinished(() => void diagnostics.unsubscribe(name, note));
  }
  return opened;
}

test(
  "rehearse(): changes no row of the site, and opens no socket",
  async () => {
    const opened = socketsOpened();
    const made = kit();
    const { id } = planned(made);
    const { store } = made;
    const rows = (): string =>
      JSON.stringify([
        store.campaigns
          .list()
          .map((one) => [one, store.campaigns.load(one.id), store.campaigns.waves(one.id), store.campaigns.history(one.id)]),
        [store.tasks.ofCampaign(id), store.campaigns.approvals(id), store.reservations.all(), store.devices.list()],
        [store.audit.verify(), store.tickets.list()],
      ]);
    const before = rows();
    const answer = campaignTwin({ campaign: id }, { store, clock: made.io.clock });
    if (!answer.ok) throw new Error(answer.message);
    const { plan } = answer.result as { plan: Plan };
    const rates = [{ name: "neverReturns", share: 1 }] as const;
    const facts = { ...FACTS, nowMs: made.io.clock.nowMs() };
    const report = await rehearse({ plan, facts, rates, seed: 1, runs: 1 }, { signal, onProgress: () => undefined });
    expect(report.scenarios.map(({ touched }) => touched)).toEqual([plan.tasks.length, 1]);
    expect(rows()).toBe(before);
    expect(opened).toEqual([]);
  },
  LONG_MS,
);

test(
  "rehearse(): every misbehaviour is asked about over the same draws, and progress runs from the first play to the last",
  async () => {
    const seen: string[] = [];
    const onProgress = ({ plays, ofPlays, rate }: { plays: number; ofPlays: number; rate: { name: string } | undefined }): void => {
      const line = `${plays}/${ofPlays} ${rate?.name ?? "none"}`;
      if (seen.at(-1) !== line) seen.push(line);
    };
    const rates = [
      { name: "refusesImage", share: 0.2 },
      { name: "garbage", share: 0.2 },
    ] as const;
    const report = await rehearse({ plan: planOf(6), facts: FACTS, rates, seed: 1, runs: 2 }, { signal, onProgress });
    expect(seen).toEqual(["0/6 none", "1/6 none", "2/6 refusesImage", "3/6 refusesImage", "4/6 garbage", "5/6 garbage"]);
    expect(rehearsalSchema.parse(report)).toEqual(report);
    expect(report.scenarios.map(({ plays }) => plays)).toEqual([2, 2, 2]);
  },
  LONG_MS,
);

import { expect, onTestFinished, test } from "vitest";
import { createTeller } from "../../../agent/feed/tell.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Loop } from "../../../agent/loop.ts";
import type { OutsideParts } from "../../../agent/outside-parts.ts";
import { fileFailures } from "../../../agent/tickets/file.ts";
import { startTickets } from "../../../agent/tickets/run.ts";
import { type Desk, openDesk } from "../../../fixtures/site/desk.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { type ManualClock, manualClock, SECOND } from "../../../protocols/core/time.ts";
import { device, T0, temporaryStore, waitingIn } from "../../store/temporary.ts";
import { fact, SITE } from "./kit.ts";

async function until(clock: ManualClock, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn > 20_000) throw new Error("never came");
    await clock.advance(SECOND);
  }
}

/** An agent with a real desk on loopback, or with none in its settings. */
async function bench(withDesk: boolean, secret?: string) {
  const store = temporaryStore();
  store.devices.save(device(1));
  const clock = manualClock(T0);
  const desk: Desk = await openDesk({ clock, random: seededRandom(4) });
  const loops: Loop[] = [];
  onTestFinished(async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await desk.close();
  });
  const webhook = { url: desk.url, lookupUrl: `${desk.url}/tickets` };
  const parts = {
    config: { tickets: { perHourMax: 20, groupAt: 3, ...(withDesk ? { webhook } : {}) } },
    secrets: { webhookSecret: new Secret(secret ?? desk.secret) },
    store,
    clock,
    site: SITE,
    teller: createTeller({ store, site: SITE, nowMs: () => clock.nowMs(), wake: () => undefined }),
    io: { log: SILENT },
    loops,
    wakers: {},
  } as unknown as OutsideParts;
  startTickets(Object.assign(parts, { config: { ...parts.config, site: { environment: "production" } } }));
  fileFailures({ tickets: store.tickets, environment: "production", site: SITE, groupAt: 3 }, [fact(1)], T0);
  const row = () => store.tickets.list()[0];
  return { store, clock, desk, row, loops };
}

test("startTickets(): a signed ticket reaches the desk, and the feed is told", async () => {
  const { clock, desk, row, store } = await bench(true);
  await until(clock, () => row()?.deliveredVersion === 1);
  expect(desk.tickets()).toMatchObject([{ version: 1, state: "open" }]);
  expect(row()).toMatchObject({ remoteId: "GS-1001" });
  expect(waitingIn(store).map(({ kind }) => kind)).toEqual(["ticket", "state"]);
});

test.each(["lostAnswer", "garbage", "error", "later"] as const)(
  "startTickets(): T2 a desk with the trouble %s has one ticket in the end",
  async (mode) => {
    const { clock, desk, row } = await bench(true);
    desk.fail(mode, 1);
    await until(clock, () => row()?.deliveredVersion === 1);
    expect(desk.tickets()).toHaveLength(1);
  },
);

test("startTickets(): without a desk tickets wait in the rows", async () => {
  const { clock, desk, row, loops } = await bench(false);
  await clock.advance(60 * SECOND);
  expect([loops.length, desk.tickets().length, row()?.deliveredVersion]).toEqual([0, 0, 0]);
});

test("startTickets(): a secret the desk cannot have given keeps the agent from starting, and is not shown", async () => {
  const trouble = await bench(true, "not base64 !").catch((error: unknown) => error);
  expect(trouble).toMatchObject({ name: "StartProblem", exitCode: 78, message: expect.stringContaining("tickets.webhook.secretFile") });
  expect(String(trouble)).not.toContain("not base64 !");
});

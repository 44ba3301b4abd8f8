/** The kill switch over real rows, with threads that answer as they are told. */
import { expect, test } from "vitest";
import { createKillSwitch, Killed, type KillSwitchIo, stoppable } from "../../../agent/campaigns/kill-switch.ts";
import { SILENT } from "../../../agent/log.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import type { KillScope } from "../../../firmware/waves/kill.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Errand } from "../../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { fail } from "../../../protocols/core/fault.ts";
import type { KillRow } from "../../../store/kills.ts";
import { StoreError } from "../../../store/sql.ts";
import { candidate, planInput } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const TASK = makePlan(planInput([candidate(1)])).tasks[0] as PlannedTask;
const SITE: KillRow = { scope: { kind: "site" }, by: "anna", keyId: "k", reason: "smoke", sinceMs: T0 };
const OTHERS: KillRow = { ...SITE, scope: { kind: "model", model: "CCX 500" } };
const nothing = (): void => undefined;

function bench(change: Partial<KillSwitchIo> = {}) {
  const store = temporaryStore();
  const barred: (readonly KillScope[])[] = [];
  const patience = new AbortController();
  const io: KillSwitchIo = {
    store,
    depot: {
      async ask(name, input) {
        expect(name).toBe("bar");
        barred.push((input as { scopes: readonly KillScope[] }).scopes);
        return null as never;
      },
    },
    field: { ping: async () => undefined },
    patience: () => patience.signal,
    log: SILENT,
    ...change,
  };
  return { store, barred, patience, open: () => createKillSwitch(io) };
}

const atAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

test("on(): a row with what goes with it, and the image server told, before it is answered; twice changes nothing", async () => {
  const { open, barred, store } = bench();
  let within = 0;
  const kills = open();
  const note = (): void => void within++;
  expect(await kills.on(SITE, note)).toEqual({ isNew: true, isKept: true, row: SITE, unheard: [] });
  expect(await kills.on({ ...SITE, by: "doe" }, note)).toEqual({ isNew: false, isKept: true, row: SITE, unheard: [] });
  expect([within, store.kills.list(), barred]).toEqual([1, [SITE], [[SITE.scope], [SITE.scope]]]);
});

test("stoppable(): I9 a command on its way is cut off, and may have left; other faults are its own", async () => {
  const kills = bench().open();
  const errand = { planned: TASK } as Errand;
  const never = new AbortController().signal;
  const sent = stoppable((_errand, signal) => atAbort(signal), kills)(errand, never);
  await kills.on(SITE, nothing);
  expect(await sent).toEqual(fail({ fault: { kind: "cancelled", by: "operator" }, certain: false }));
  const broken = stoppable(async () => Promise.reject(new Error("broken")), kills);
  await expect(broken(errand, never)).rejects.toThrow("broken");
});

test("on(): I21 it is on after a restart, and the image server is told of it first", async () => {
  const made = bench();
  await made.open().on(SITE, nothing);
  const again = made.open();
  expect(again.list()).toEqual([SITE]);
  await again.tellDepot();
  expect(made.barred.at(-1)).toEqual([SITE.scope]);
});

test("guard(): I9 a command on its way in the scope is cut off, one outside goes on, and none starts any more", async () => {
  const kills = bench().open();
  const cut = kills.guard(TASK, atAbort);
  await kills.on(OTHERS, nothing);
  let isCut = false;
  void cut.catch(() => {
    isCut = true;
  });
  await Promise.resolve();
  expect(isCut).toBe(false);
  await kills.on(SITE, nothing);
  await expect(cut).rejects.toBeInstanceOf(Killed);
  expect(await kills.guard(TASK, async (signal) => signal.reason)).toBeInstanceOf(Killed);
  await kills.off(SITE.scope, nothing);
  expect(await kills.guard(TASK, async (signal) => signal.aborted)).toBe(false);
});

test("on(): a thread that does not answer in time is named; one that is gone serves nobody", async () => {
  const made = bench({ field: { ping: atAbort } });
  const answered = made.open().on(SITE, nothing);
  made.patience.abort(new DOMException("late", "TimeoutError"));
  expect((await answered).unheard).toEqual(["commands"]);
  const gone = async () => Promise.reject(new ThreadGone("ended"));
  expect(
    (
      await bench({ depot: { ask: gone }, field: { ping: gone } })
        .open()
        .on(SITE, nothing)
    ).unheard,
  ).toEqual([]);
});

test("on(): a full disk does not keep it from stopping, and it says that it is not kept", async () => {
  const { store, barred, open } = bench();
  const full = {
    kills: { ...store.kills, list: () => [] },
    transaction: () => {
      throw new StoreError("full", "disk full");
    },
  };
  const kills = bench({ store: full as unknown as KillSwitchIo["store"] }).open();
  expect(await kills.on(SITE, nothing)).toMatchObject({ isNew: true, isKept: false });
  expect(kills.list()).toEqual([SITE]);
  expect(await kills.guard(TASK, async (signal) => signal.aborted)).toBe(true);
  expect([barred, open().list()]).toEqual([[], []]);
});

test("off(): once, of exactly that scope", async () => {
  const { open, barred } = bench();
  const kills = open();
  await kills.on(SITE, nothing);
  await kills.on(OTHERS, nothing);
  expect([await kills.off(SITE.scope, nothing), await kills.off(SITE.scope, nothing)]).toEqual([true, false]);
  expect([kills.list(), barred.at(-1)]).toEqual([[OTHERS], [OTHERS.scope]]);
});

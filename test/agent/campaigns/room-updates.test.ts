import { expect, test } from "vitest";
import { createRoomUpdates } from "../../../agent/campaigns/room-updates.ts";
import type { Log } from "../../../agent/log.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Errand } from "../../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { planInput, roomCandidate, treeRelease } from "../../firmware/waves/builders.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const signal = new AbortController().signal;
const TOKEN = "ab".repeat(16);
const FOLDER = `http://agent.example/fw/${TOKEN}/`;
const BEFORE = {
  "upgrade.auto.timeFrame.enable": "true",
  "upgrade.auto.timeFrame.startTime": "01:00",
  "upgrade.auto.timeFrame.stopTime": "05:00",
  "upgrade.auto.polling.interval": "3600",
  "upgrade.auto.server.address": "",
  "upgrade.auto.server.type": "polycom_support_server",
  "upgrade.auto.enable": "true",
};

const attempt = { number: 1, token: TOKEN, leg: 0 };
const COMMANDED: TaskState = { at: "commanded", attempt, accepted: true, commandedAtMs: T0, deadlineMs: T0 + HOUR };

function bench(answers: Readonly<Record<string, unknown>> = {}) {
  const store = temporaryStore();
  const clock = manualClock(T0);
  store.devices.save(device(1, { family: "video-os", model: "StudioX50", running: "4.1.0-383250", address: "127.60.0.1" }));
  const candidate = roomCandidate({ device: deviceId(1), mac: macOf(1) });
  const plan = makePlan(planInput([candidate], { release: treeRelease(), nowMs: T0 }));
  const planned = plan.tasks[0] as PlannedTask;
  const errand: Errand = { planned, attempt, plan };
  const world: { state: TaskState; campaign: string } = { state: COMMANDED, campaign: "running" };
  const asked: { readonly name: string; readonly input: unknown; readonly kept: number }[] = [];
  const table: Record<string, unknown> = {
    offer: ok({ folder: FOLDER }),
    updateSettings: ok({ values: BEFORE, timeOffsetMs: 2 * HOUR }),
    order: ok({ said: "set" }),
    giveBack: ok({ said: "set" }),
    ...answers,
  };
  const thread = {
    async ask(name: string, input: unknown) {
      asked.push({ name, input, kept: store.updateSettings.all().length });
      if (table[name] instanceof Error) throw table[name];
      return table[name] as never;
    },
  };
  const warned: string[] = [];
  const log = { warn: (what: string) => void warned.push(what) } as unknown as Log;
  const tasks = {
    load: () => ({ id: planned.id, campaign: plan.campaign, wave: 1, device: planned.device, state: world.state, revision: 1 }),
  };
  const campaigns = { load: () => ({ state: { at: world.campaign } }) };
  const io = {
    store: { ...store, tasks: { ...store.tasks, ...tasks }, campaigns: { ...store.campaigns, ...campaigns } },
    ...{ field: thread, depot: thread, clock, log },
  } as unknown as Parameters<typeof createRoomUpdates>[0];
  return { rooms: createRoomUpdates(io), store, clock, errand, asked, table, world, warned };
}

const names = (asked: readonly { readonly name: string }[]): readonly string[] => asked.map(({ name }) => name);

test("order(): what the settings were is on disk before the first of them is set", async () => {
  const { rooms, errand, asked, store } = bench();
  expect(await rooms.order(errand, signal)).toEqual(ok({ said: "set" }));
  expect(asked.map(({ name, kept }) => [name, kept])).toEqual([
    ["offer", 0],
    ["updateSettings", 0],
    ["order", 1],
  ]);
  const wanted = { version: "4.2.0-387310", source: FOLDER, window: { start: "22:00", hours: 12 } };
  expect(asked[2]?.input).toMatchObject({ device: { address: "127.60.0.1", family: "video-os" }, order: wanted });
  const [row] = store.updateSettings.all();
  expect(row).toMatchObject({ token: TOKEN, device: deviceId(1), task: errand.planned.id });
  expect(Object.fromEntries(row?.settings.map(({ name, before }) => [name, before]) ?? [])).toEqual(BEFORE);
  expect(row?.settings.find(({ name }) => name.endsWith("address"))?.set).toBe(FOLDER);
});

test("order(): where the settings cannot be read, or nobody can say where the tree is, nothing is kept and nothing set", async () => {
  const off = fail({ kind: "off", via: "https", detail: "no setting upgrade.auto.enable" } as const);
  for (const answers of [{ offer: ok({}) }, { offer: off }, { updateSettings: off }]) {
    const { rooms, errand, asked, store } = bench(answers);
    expect(await rooms.order(errand, signal)).toMatchObject({ ok: false, fault: { certain: true } });
    expect([names(asked).includes("order"), store.updateSettings.all()]).toEqual([false, []]);
  }
});

test("order(): a thread that ends meanwhile leaves it open whether something was set, and the row stands", async () => {
  const { rooms, errand, store } = bench({ order: new ThreadGone("thread ended") });
  expect(await rooms.order(errand, signal)).toMatchObject({ ok: false, fault: { certain: false } });
  expect(store.updateSettings.all()).toHaveLength(1);
  const broken = bench({ order: new TypeError("broken") });
  await expect(broken.rooms.order(broken.errand, signal)).rejects.toThrow("broken");
});

const OVER: readonly (readonly [string, TaskState])[] = [
  ["it runs the new version", { at: "verifying", attempt, deadlineMs: T0 }],
  ["its settings", { at: "soaking", attempt, untilMs: T0 }],
  ["success", { at: "succeeded", how: "updated" }],
  ["a failure", { at: "failed", cause: "neverReacted", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 0 }],
  ["a failure that is tried again", { at: "failedRetryable", attempt, fault: { kind: "stalled", waitedFor: "it" }, nextAtMs: T0 + HOUR }],
  ["a skip", { at: "skipped", by: "doe", why: "no", leg: 0 }],
  ["a stop before anything was sent", { at: "staged", tries: 0, leg: 0 }],
  ["another attempt", { ...COMMANDED, attempt: { number: 2, token: "cd".repeat(16), leg: 0 } }],
  ["a restart of the agent in the soak", { at: "unknown", attempt, was: "soaking", deadlineMs: T0 }],
];

test.each(OVER)("turn(): after %s all of it is given back, once, and that stands in the chain", async (_what, state) => {
  const { rooms, errand, asked, store, world } = bench();
  await rooms.order(errand, signal);
  await rooms.turn(signal);
  expect(names(asked)).not.toContain("giveBack");
  world.state = state;
  await rooms.turn(signal);
  await rooms.turn(signal);
  const given = asked.filter(({ name }) => name === "giveBack");
  expect(given).toHaveLength(1);
  expect(given[0]?.input).toMatchObject({ device: { address: "127.60.0.1" }, kept: { length: 7 } });
  expect([store.updateSettings.all(), store.audit.list({ limit: 9 }).map(({ action }) => action)]).toEqual([
    [],
    ["room.settingsGivenBack"],
  ]);
});

test("turn(): a room that may be flashing keeps them, after the kill switch and a restart too; one that only waits has them back at once", async () => {
  const { rooms, errand, asked, world } = bench();
  await rooms.order(errand, signal);
  world.campaign = "halted";
  for (const state of [
    { at: "applying", attempt, deadlineMs: T0 },
    { at: "rebooting", attempt, deadlineMs: T0 },
    { at: "unknown", attempt, was: "rebooting", deadlineMs: T0 },
  ] as const) {
    world.state = state;
    await rooms.turn(signal);
    expect(names(asked)).not.toContain("giveBack");
  }
  world.state = COMMANDED;
  await rooms.turn(signal);
  expect(names(asked)).toContain("giveBack");
});

test("turn(): a silent room is asked again and again, ever more seldom, and told of once", async () => {
  const { rooms, errand, asked, store, clock, table, world, warned } = bench();
  await rooms.order(errand, signal);
  world.state = { at: "failed", cause: "neverReacted", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 0 };
  table["giveBack"] = fail({ kind: "unreachable", via: "https" });
  const count = (): number => names(asked).filter((name) => name === "giveBack").length;
  await rooms.turn(signal);
  await rooms.turn(signal);
  expect([count(), warned.length]).toEqual([1, 1]);
  for (const [waitMs, tries] of [
    [MINUTE, 2],
    [5 * MINUTE, 3],
    [15 * MINUTE, 4],
    [HOUR, 5],
    [HOUR, 6],
  ] as const) {
    await clock.advance(waitMs - 1);
    await rooms.turn(signal);
    expect(count()).toBe(tries - 1);
    await clock.advance(1);
    await rooms.turn(signal);
    expect(count()).toBe(tries);
  }
  table["giveBack"] = ok({ said: "as they were" });
  await clock.advance(HOUR);
  await rooms.turn(signal);
  expect([store.updateSettings.all(), warned.length]).toEqual([[], 1]);
});

test("turn(): giving back and a new order do not cross: the later waits", async () => {
  const { rooms, errand, asked, world, store } = bench();
  await rooms.order(errand, signal);
  world.state = { at: "failedRetryable", attempt, fault: { kind: "stalled", waitedFor: "it" }, nextAtMs: T0 };
  const giving = rooms.turn(signal);
  const second = { ...errand, token: "cd".repeat(16) };
  const ordering = rooms.order(second, signal);
  world.state = { ...COMMANDED, attempt: { number: 2, token: second.token, leg: 0 } };
  await Promise.all([giving, ordering]);
  const order = names(asked).slice(3);
  expect([order.lastIndexOf("giveBack") < order.indexOf("order"), order.includes("order")]).toEqual([true, true]);
  expect(store.updateSettings.all()).toHaveLength(1);
});

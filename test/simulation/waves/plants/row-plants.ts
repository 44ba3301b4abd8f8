/** Bugs in what is written down, and in what is read back. */
import type { CampaignTables } from "../../../../agent/campaigns/drive-store.ts";
import type { Signs } from "../../../../agent/campaigns/signs.ts";
import type { DriveIo, TaskChange } from "../../../../firmware/waves/ports.ts";
import type { Store } from "../../../../store/store.ts";
import { crowded, habitual, type PlantedBug, plain, repetitive, silent } from "./plant.ts";

const atRiskAs = (tables: CampaignTables, which: (tables: CampaignTables) => ReturnType<Store["tasks"]["atRisk"]>): CampaignTables => ({
  ...tables,
  tasks: { ...tables.tasks, atRisk: () => which(tables) },
});

/** Nor is any slot known, of whichever campaign. */
const nobodyAway = (tables: CampaignTables): CampaignTables => ({
  ...atRiskAs(tables, () => []),
  reservations: { ...tables.reservations, all: () => [] },
});

/** Those that have ended, badly too, are forgotten. */
function movingOnly({ tasks }: CampaignTables) {
  const moving = new Set(tasks.active().map(({ device }) => device));
  return tasks.atRisk().filter((device) => moving.has(device));
}

const writing = (io: DriveIo, change: (change: TaskChange) => TaskChange): DriveIo => ({
  ...io,
  store: { ...io.store, applyTask: (asked) => io.store.applyTask(change(asked)) },
});

/** News of an attempt that is over is written to one that is under way. */
const misread = (signs: Signs, { attempts, tasks }: Store): Signs => ({
  note(event, log) {
    signs.note(event, log);
    if (event.kind !== "imageDelivered" || attempts.byToken(event.token)?.endedAtMs === undefined) return;
    for (const { state } of tasks.active()) if ("attempt" in state) attempts.note(state.attempt.token, { imageDeliveredAtMs: 1 });
  },
});

/** Each delivery moves the moment of the first. */
const restless = (signs: Signs, { attempts }: Store): Signs => {
  let count = 0;
  return {
    note(event, log) {
      signs.note(event, log);
      if (event.kind === "imageDelivered") attempts.note(event.token, { imageDeliveredAtMs: ++count });
    },
  };
};

export const rowPlants: readonly PlantedBug[] = [
  {
    what: "nobody counts as at risk where a slot is taken",
    breaks: ["I1", "I2", "I3"],
    make: () => ({ tables: nobodyAway }),
    change: crowded,
  },
  {
    what: "nobody asks who is down by itself",
    breaks: ["I1"],
    make: () => ({ tables: (tables) => ({ ...tables, health: { ...tables.health, down: () => [] } }) }),
    change: silent,
  },
  {
    what: "devices that failed or are lost are forgotten in the count",
    breaks: ["I7"],
    make: () => ({ tables: (tables) => atRiskAs(tables, movingOnly) }),
    change: (story) => {
      const base = habitual("neverReturns", 3)(story);
      return { ...base, policy: { ...base.policy, atRiskMax: 2, failuresAllowed: 10, lostAfter: 720_000 } };
    },
  },
  {
    what: "whoever falls silent is written off by the drive",
    breaks: ["I7"],
    make: () => ({
      drive: (io) =>
        writing(io, (change) =>
          change.next.at === "lost"
            ? {
                ...change,
                next: { at: "failed", cause: "neverReacted", fault: { kind: "stalled", waitedFor: "it" }, seenHealthy: true, leg: 0 },
              }
            : change,
        ),
    }),
    change: (story) => {
      const base = habitual("neverReturns", 3)(story);
      return { ...base, policy: { ...base.policy, lostAfter: 720_000 } };
    },
  },
  {
    what: "freeing a slot frees the one beside it",
    breaks: ["I23"],
    make: () => ({
      tables: (tables) => ({
        ...tables,
        reservations: {
          ...tables.reservations,
          free(device, token) {
            const beside = tables.reservations.all().find((one) => one.device !== device);
            if (beside !== undefined) tables.reservations.free(beside.device, beside.token);
            return tables.reservations.free(device, token);
          },
        },
      }),
    }),
    change: plain,
  },
  {
    what: "all waves start at once",
    breaks: ["I11"],
    make: () => ({
      drive: (io) => ({
        ...io,
        store: {
          ...io.store,
          campaigns: () =>
            io.store
              .campaigns()
              .map((row) => (row.state.at === "running" ? { ...row, state: { ...row.state, wave: row.plan.waves.length } } : row)),
        },
      }),
    }),
    change: plain,
  },
  {
    what: "late news is taken for news of now",
    breaks: ["I19"],
    make: () => ({ signs: misread }),
    change: repetitive,
  },
  { what: "what is told again is taken for new", breaks: ["I20"], make: () => ({ signs: restless }), change: repetitive },
  {
    what: "a campaign is kept without one of its tasks",
    breaks: ["I25"],
    make: () => ({
      store: (store) => ({
        ...store,
        tasks: {
          ...store.tasks,
          createAll: (campaign, plan, atMs) => store.tasks.createAll(campaign, { ...plan, tasks: plan.tasks.slice(1) }, atMs),
        },
      }),
    }),
    change: plain,
  },
  {
    what: "nobody writes down what was decided",
    breaks: ["I28"],
    make: () => ({
      store: (store) => ({
        ...store,
        audit: {
          ...store.audit,
          append: (entry) =>
            entry.actor === "agent" ? { ...entry, detail: {}, seq: 0, prevHash: "", hash: "" } : store.audit.append(entry),
        },
      }),
    }),
    change: plain,
  },
  {
    what: "a held device does not say who ends it",
    breaks: ["I30"],
    make: () => ({
      drive: (io) =>
        writing(io, (change) =>
          change.next.at === "held"
            ? { ...change, next: { ...change.next, reasons: change.next.reasons.map((hold) => ({ ...hold, endedBy: "" })) } }
            : change,
        ),
    }),
    change: plain,
  },
  {
    what: "like failures are in no ticket",
    breaks: ["I32"],
    make: () => ({
      store: (store) => ({
        ...store,
        tickets: {
          ...store.tickets,
          saveDoc: (draft) => store.tickets.saveDoc(draft.devices.length > 1 ? { ...draft, devices: draft.devices.slice(1) } : draft),
        },
      }),
    }),
    change: habitual("refusesCommand", 2),
  },
];

import { expect, test } from "vitest";
import { proof } from "../../../agent/demo/proof.ts";
import type { Planned } from "../../../agent/demo/scenes-before.ts";
import type { Trouble } from "../../../agent/demo/scenes-waves.ts";
import { createShow } from "../../../agent/demo/show.ts";
import type { Story } from "../../../agent/demo/story.ts";
import { createPortal } from "../../../fixtures/portal/portal.ts";
import { siteEvent } from "../../fixtures/portal/messages.ts";

const MACS = ["64167f000001", "64167f000002", "64167f000003"] as const;
const NEW = "6.4.8.1190";
const OLD = "6.4.6.2494";

interface World {
  /** By MAC; the last one is outside the plan. */
  readonly running: Readonly<Record<string, string>>;
  readonly inventory: Readonly<Record<string, string>>;
  readonly journal: readonly { readonly mac: string; readonly what: string }[];
  readonly tickets: number;
  readonly auditOk: boolean;
  readonly clash: boolean;
}
const RUNNING = { [MACS[0]]: NEW, [MACS[1]]: OLD, [MACS[2]]: OLD };
/** All promises kept: 1 is moved while nobody talks, 2 is lost, 3 is outside the plan. */
const GOOD: World = {
  running: RUNNING,
  inventory: RUNNING,
  journal: [
    { mac: MACS[0], what: "callStart" },
    { mac: MACS[0], what: "command" },
    { mac: MACS[0], what: "waits" },
    { mac: MACS[0], what: "callEnd" },
    { mac: MACS[0], what: "flash" },
    { mac: MACS[1], what: "command" },
  ],
  tickets: 1,
  auditOk: true,
  clash: false,
};

async function broken(changes: Partial<World>): Promise<string[]> {
  const world = { ...GOOD, ...changes };
  let text = "";
  const out = (said: string): void => {
    text += said;
  };
  const portal = createPortal();
  const event = (device: string) => siteEvent({ data: { device } });
  portal.take(...event("d-1"));
  if (world.clash) portal.take(...event("d-2"));
  const stage = {
    site: {
      devices: async () => MACS.map((mac) => ({ mac, kind: "vvx", running: world.running[mac] })),
      journal: async () => world.journal,
      deskTickets: async () => Array.from({ length: world.tickets }, () => ({})),
    },
    ask: async (name: string) => ({
      status: "done",
      result:
        name === "audit.verify"
          ? { ok: world.auditOk, count: 9 }
          : { devices: MACS.map((mac) => ({ mac, running: world.inventory[mac] })) },
    }),
  };
  const show = createShow({ out, terminal: false, color: false, json: true, columns: 80, elapsedMs: () => 0 });
  // As far as the proof looks at the story.
  const story = { show, stage, portal, stop: new AbortController().signal } as unknown as Story;
  const plan = { release: { version: NEW }, tasks: MACS.slice(0, 2).map((mac) => ({ mac })) };
  await proof(story, { plan } as unknown as Planned, { lost: `d-${MACS[1]}` } as unknown as Trouble);
  const said = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { kind: string; kept?: boolean; text: string });
  return said.filter(({ kept }) => kept === false).map((one) => one.text);
}

test("proof(): a site that counted what was promised keeps every promise", async () => {
  expect(await broken({})).toEqual([]);
});

test.each<[string, Partial<World>, RegExp]>([
  ["a phone on another version", { running: { ...RUNNING, [MACS[0]]: OLD }, inventory: { ...RUNNING, [MACS[0]]: OLD } }, /phones run/],
  ["a phone outside the plan on the new one", { running: { ...RUNNING, [MACS[2]]: NEW } }, /outside the plan/],
  ["a phone commanded twice", { journal: [...GOOD.journal, { mac: MACS[1], what: "command" }] }, /exactly once/],
  ["a phone never commanded", { journal: GOOD.journal.slice(0, -1) }, /exactly once/],
  [
    "a phone that flashed within a call",
    { journal: [...GOOD.journal, { mac: MACS[0], what: "callStart" }, { mac: MACS[0], what: "flash" }] },
    /no call was cut off/,
  ],
  ["a call that nobody waited for", { journal: GOOD.journal.filter(({ what }) => what !== "waits") }, /waited for/],
  ["two tickets", { tickets: 2 }, /one ticket/],
  ["no ticket", { tickets: 0 }, /one ticket/],
  ["a broken audit", { auditOk: false }, /audit chain/],
  ["an event in two versions", { clash: true }, /none in two versions/],
  ["an inventory that believes otherwise", { inventory: { ...RUNNING, [MACS[0]]: OLD } }, /inventory agrees/],
])("proof(): %s breaks exactly that promise", async (_what, changes, promise) => {
  const promises = await broken(changes);
  expect(promises).toHaveLength(1);
  expect(promises[0]).toMatch(promise);
});

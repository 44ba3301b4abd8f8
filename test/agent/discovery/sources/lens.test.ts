import { expect, test } from "vitest";
import type { Inventory } from "../../../../agent/discovery/inventory.ts";
import { takeLens } from "../../../../agent/discovery/sources/lens.ts";
import { createLog } from "../../../../agent/log.ts";
import type { Thread } from "../../../../agent/threads/channel.ts";
import type { FieldRequests } from "../../../../agent/threads/requests.ts";
import type { Sighting } from "../../../../protocols/core/device.ts";
import { fail, ok, type Result } from "../../../../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../../../../protocols/core/ids.ts";

const MAC = "64167faabbcc" as Mac;
const never = new AbortController().signal;
const seen = (facts: Sighting["facts"]): Sighting => ({ source: "lens", atMs: 5, facts, evidence: [] });

function bench(answer: Result<readonly Sighting[]>) {
  const noted: Sighting[] = [];
  const logged: string[] = [];
  const inventory: Inventory = {
    note(sighting) {
      noted.push(sighting);
      return sighting.facts.mac === undefined ? undefined : (`d-${sighting.facts.mac}` as DeviceId);
    },
    noteRead: () => undefined,
  };
  const field = { ask: async () => answer, open: 0, close: async () => undefined } as unknown as Thread<FieldRequests>;
  const log = createLog({ level: "info", pretty: false, write: (line) => logged.push(line) });
  return { io: { field, inventory, log }, noted, logged };
}

test("takeLens(): every device of the account is noted; those that name nobody are not counted", async () => {
  const { io, noted } = bench(ok([seen({ mac: MAC }), seen({ model: "nobody" })]));
  expect(await takeLens(io, never)).toEqual({ devices: 1 });
  expect(noted).toHaveLength(2);
});

test("takeLens(): Lens that cannot be read is told, and nothing is noted", async () => {
  const { io, noted, logged } = bench(fail({ kind: "denied", via: "lens", credentialId: "lens" }));
  expect(await takeLens(io, never)).toMatchObject({ fault: { kind: "denied" } });
  expect([noted, logged.length]).toEqual([[], 1]);
  expect(logged[0]).toContain("lens turned us away");
});

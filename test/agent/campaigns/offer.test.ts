import { expect, test } from "vitest";
import { makeOffer, type OfferIo } from "../../../agent/campaigns/offer.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { Store } from "../../../store/store.ts";
import { candidate, planInput, roomCandidate, treeRelease } from "../../firmware/waves/builders.ts";
import { phone as downPhone, downPlan, NEW, OLD, upPlan } from "../../firmware/waves/way-back-kit.ts";
import { device, T0, temporaryStore } from "../../store/temporary.ts";

function bench(answer: unknown = ok({ folder: "http://agent/fw/t/" })) {
  const store = temporaryStore();
  store.devices.save(device(1, { address: "127.60.0.1" }));
  const asked: unknown[] = [];
  const ask = async (_name: string, input: unknown): Promise<never> => {
    asked.push(input);
    if (answer instanceof Error) throw answer;
    return answer as never;
  };
  return { io: { store, depot: { ask } } as unknown as OfferIo, asked };
}

const errandOf = (plan: ReturnType<typeof makePlan>) => ({
  planned: plan.tasks[0] as PlannedTask,
  attempt: { number: 1, token: "token-01", leg: 0 },
  plan,
});
const ROOM = errandOf(makePlan(planInput([roomCandidate()], { release: treeRelease() })));
const PHONE = errandOf(makePlan(planInput([candidate(1)])));

test("makeOffer(): a room's is every file of the release by its path, a phone's its one image", async () => {
  const { io, asked } = bench();
  expect(await makeOffer(ROOM, io)).toEqual(ok({ folder: "http://agent/fw/t/" }));
  await makeOffer(PHONE, io);
  const tree = treeRelease().images.map(({ path, sha256 }) => ({ path, sha256 }));
  expect(asked).toMatchObject([
    { token: "token-01", mac: ROOM.planned.mac, partNumbers: [], tree },
    { imageName: "sip.ld", partNumbers: [PHONE.planned.partNumber] },
  ]);
  expect(asked[1]).not.toHaveProperty("tree");
});

test("makeOffer(): a family that takes nothing and a depot that is gone are faults; a bug stays a bug", async () => {
  const { io, asked } = bench(new ThreadGone("gone"));
  expect(await makeOffer({ ...PHONE, planned: { ...PHONE.planned, family: "hdx" } }, io)).toMatchObject({ fault: { kind: "off" } });
  expect(asked).toEqual([]);
  expect(await makeOffer(PHONE, io)).toMatchObject({ fault: { kind: "unreachable" } });
  await expect(makeOffer(PHONE, bench(new TypeError("broken")).io)).rejects.toThrow("broken");
});

/** A rollback of one phone, in the rows with as many approvals; each by a person and a key of their own. */
function rollbackRows(voices: readonly (readonly [person: string, keyId: string])[]) {
  const made = bench();
  const { store } = made.io as unknown as { store: Store };
  const down = downPlan(upPlan([candidate(1)]), [downPhone(1)]);
  const hash = planHash(down);
  store.devices.save(device(1, { address: "127.60.0.1", running: NEW }));
  store.campaigns.create({
    ...{ id: down.campaign, state: { at: "awaitingApproval", approvals: [] }, plan: down, planHash: hash, atMs: T0 },
    waves: down.waves.map(({ index }) => ({ index, state: { at: "pending" } })),
  });
  store.tasks.createAll(down.campaign, down, T0);
  for (const [person, keyId] of voices) store.campaigns.approve({ campaign: down.campaign, planHash: hash, person, keyId, atMs: T0 });
  return { ...made, errand: errandOf(down) };
}

test.each<[string, readonly (readonly [string, string])[], boolean]>([
  ["nobody approved", [], false],
  ["one person approved", [["anna", "key-anna"]], false],
  [
    "one person approved with two keys",
    [
      ["anna", "key-anna"],
      ["anna", "key-other"],
    ],
    false,
  ],
  [
    "two people approved with one key",
    [
      ["anna", "key-anna"],
      ["ben", "key-anna"],
    ],
    false,
  ],
  [
    "two people approved",
    [
      ["anna", "key-anna"],
      ["ben", "key-ben"],
    ],
    true,
  ],
])("makeOffer(): I14 a lower version that %s: on offer %#", async (_, voices, isOffered) => {
  const { io, asked, errand } = rollbackRows(voices);
  const offered = await makeOffer(errand, io);
  expect(offered.ok).toBe(isOffered);
  expect(asked).toHaveLength(isOffered ? 1 : 0);
  if (!offered.ok) expect(offered.fault).toMatchObject({ kind: "refused", reason: expect.stringContaining(`${OLD} is older than ${NEW}`) });
});

test("makeOffer(): I14 an ordinary step is not offered to a device that runs something newer by now", async () => {
  const { io, asked } = bench();
  const { store } = io as unknown as { store: Store };
  store.devices.save(device(1, { address: "127.60.0.1", running: "6.4.9.1000" }));
  expect(await makeOffer(PHONE, io)).toMatchObject({ ok: false, fault: { kind: "refused" } });
  expect(asked).toEqual([]);
});

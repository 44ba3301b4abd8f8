import { expect, test } from "vitest";
import { makeOffer, type OfferIo } from "../../../agent/campaigns/offer.ts";
import { ThreadGone } from "../../../agent/threads/channel.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { ok } from "../../../protocols/core/fault.ts";
import { candidate, planInput, roomCandidate, treeRelease } from "../../firmware/waves/builders.ts";
import { device, temporaryStore } from "../../store/temporary.ts";

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

import { expect, test } from "vitest";
import { createPlanDesk } from "../../../agent/campaigns/plan-desk.ts";
import { fetchPacked, fetchPieces, fetchPlan } from "../../../agent/cli/pieces.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import { keepPlan, kit } from "../campaigns/kit.ts";
import { planOf } from "../rehearsal/kit.ts";

const piece = (bytes: Buffer, offset: number, size: number) => ({
  ...{ sizeBytes: bytes.length, offset, made: "m", base64: bytes.subarray(offset, offset + size).toString("base64") },
});

test("fetchPieces(): piece by piece to the end, the later ones named by the first, each part told", async () => {
  const bytes = Buffer.from("0123456789".repeat(250));
  const asked: object[] = [];
  const told: number[] = [];
  const ask = async (_verb: string, args: Readonly<Record<string, unknown>>) => {
    asked.push(args);
    return { result: piece(bytes, Number(args["offset"] ?? 0), 1_000) };
  };
  const wanted = { verb: "v", args: { a: 1 }, named: () => ({ made: "m" }), what: "report" };
  const fetched = await fetchPieces(ask, wanted, ({ done }) => told.push(done));
  expect(fetched.bytes.equals(bytes)).toBe(true);
  expect(asked).toEqual([{ a: 1 }, { a: 1, made: "m", offset: 1_000 }, { a: 1, made: "m", offset: 2_000 }]);
  expect(told).toEqual([2, 3]);
});

test("fetchPieces(): one that ends too early is told, not asked for for ever", async () => {
  const bytes = Buffer.from("0123456789");
  const ask = async (_verb: string, { offset = 0 }: Readonly<Record<string, unknown>>) => ({
    result: { ...piece(bytes, Number(offset), 4), sizeBytes: 99 },
  });
  await expect(fetchPieces(ask, { verb: "v", args: {}, named: () => ({}), what: "report" })).rejects.toThrow("grew shorter");
});

test("fetchPacked(): what is no packed document did not arrive", async () => {
  const ask = async () => ({ result: piece(Buffer.from("no gzip"), 0, 100) });
  await expect(fetchPacked(ask, "campaign.twin", {})).rejects.toThrow("did not arrive as it was made");
});

test("fetchPlan(): the plan byte for byte as its hash says; of another one nothing", async () => {
  const made = kit();
  const plan = planOf(5);
  keepPlan(made.store, plan);
  const desk = createPlanDesk({ store: made.store, clock: made.clock });
  const ask = async (_verb: string, args: Readonly<Record<string, unknown>>) => {
    const answer = await desk.document({ offset: 0, planHash: planHash(plan), ...args });
    if (!answer.ok) throw new Error(answer.message);
    return answer;
  };
  expect(await fetchPlan(ask, planHash(plan))).toEqual(plan);
  const other = async () => ask("", { planHash: planHash(plan) });
  await expect(fetchPlan(other, "ab".repeat(32))).rejects.toThrow("did not arrive as it was made");
});

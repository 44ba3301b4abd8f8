import { expect, test } from "vitest";
import type { CommandAnswer } from "../../agent/commands/answer.ts";
import { ULID } from "../../agent/commands/decode.ts";
import type { CommandHandler, Sink, Verbs } from "../../agent/commands/handle.ts";
import { answerLocal, LOCAL } from "../../agent/doors.ts";
import type { LocalRequest } from "../../agent/web/server.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { T0 } from "../store/temporary.ts";

interface Handled {
  readonly request: { readonly kind: string; readonly id?: string; readonly name?: string; readonly token?: string };
  readonly door: string;
}

/** A handler that notes what it is given, answers twice, and gives back `last`. */
function bench(last: CommandAnswer | undefined) {
  const handled: Handled[] = [];
  const looked: unknown[] = [];
  const replies: unknown[] = [];
  const handler = {
    async handle(request: Handled["request"], door: string, sink: Sink) {
      handled.push({ request, door });
      if (last !== undefined) (await sink({ id: "1", status: "accepted", code: "accepted", message: "" }))();
      return last;
    },
  } as unknown as CommandHandler;
  const verbs = {
    "device.show": async (args: { device: string }, subject: unknown) => {
      looked.push([args, subject]);
      return args.device === "here" ? { ok: true, result: { name: "here" } } : { ok: false, code: "notFound", message: "nobody" };
    },
  } as unknown as Verbs;
  const io = { handler, verbs, nowMs: () => T0, random: seededRandom(3), signal: new AbortController().signal };
  const ask = async (request: LocalRequest): Promise<unknown[]> => {
    await answerLocal(request, (answer) => replies.push(answer), io);
    return replies;
  };
  return { ask, handled, looked };
}

const done: CommandAnswer = { id: "1", status: "done", code: "done", message: "done" };

test("answerLocal(): a look is answered at once, without the handler and its records", async () => {
  const { ask, handled, looked } = bench(done);
  await ask({ name: "device.show", args: { device: "here" } });
  expect(await ask({ name: "device.show", args: { device: "gone" } })).toEqual([
    { id: "", status: "done", code: "done", message: "done", result: { name: "here" } },
    { id: "", status: "failed", code: "notFound", message: "nobody" },
  ]);
  expect(looked[0]).toEqual([{ device: "here" }, LOCAL]);
  expect(handled).toEqual([]);
});

test("answerLocal(): a look with wrong arguments is rejected before it runs", async () => {
  const { ask, looked } = bench(done);
  expect(await ask({ name: "device.show", args: { device: "here", extra: 1 } })).toMatchObject([
    { status: "rejected", code: "badArguments" },
  ]);
  expect(looked).toEqual([]);
});

test("answerLocal(): everything else takes the one way of every command, under an id of its own", async () => {
  const { ask, handled } = bench(done);
  expect(await ask({ name: "campaign.halt", args: { campaign: "*", reason: "stop" } })).toMatchObject([
    { status: "accepted" },
    { status: "done" },
  ]);
  await ask({ name: "no.such", args: {} });
  expect(handled.map(({ request, door }) => [request.kind, request.name, door])).toEqual([
    ["session", "campaign.halt", "socket"],
    ["session", "no.such", "socket"],
  ]);
  const ids = handled.map(({ request }) => request.id ?? "");
  for (const id of ids) expect(id).toMatch(ULID);
  expect(new Set(ids).size).toBe(2);
});

test("answerLocal(): a signed request is passed on as it is", async () => {
  const { ask, handled } = bench(done);
  await ask({ jws: "a.b.c" });
  expect(handled).toEqual([{ request: { kind: "signed", token: "a.b.c" }, door: "socket" }]);
});

test("answerLocal(): where the handler is silent because of a flood, the asker is told to wait", async () => {
  const { ask } = bench(undefined);
  await ask({ jws: "a.b.c" });
  expect(await ask({ name: "campaign.halt", args: {} })).toMatchObject([
    { status: "rejected", code: "busy" },
    { status: "rejected", code: "busy" },
  ]);
});

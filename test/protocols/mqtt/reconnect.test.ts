import fc from "fast-check";
import { expect, test } from "vitest";
import { fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS, backoffMs, matches } from "../../../protocols/mqtt/reconnect.ts";
import { bench, LOST, onlineBench } from "./links.ts";

test("backoffMs(): between half and the whole of a wait that doubles from one second to one minute", () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.integer(), (failures, seed) => {
      const whole = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** failures);
      const wait = backoffMs(failures, seededRandom(seed));
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThan(whole);
    }),
  );
});

test("ReconnectingClient: waits longer after each failed try, then no more than a minute", async () => {
  const { clock, links, states, link, settle } = bench();
  for (let i = 0; i < 9; i++) {
    link().lose();
    await settle();
    await clock.advance(MINUTE);
    expect(links).toHaveLength(i + 2);
  }
  const waits = states.flatMap((state) => (state.at === "waiting" ? [state.retryInMs] : []));
  expect(waits).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000]);
});

test("ReconnectingClient: nothing is opened before the wait is over", async () => {
  const { clock, links, link, settle } = bench();
  link().lose();
  await settle();
  await clock.advance(749);
  expect(links).toHaveLength(1);
  await clock.advance(1);
  expect(links).toHaveLength(2);
});

test("ReconnectingClient: a link that held a minute starts the waits anew", async () => {
  const { clock, states, link, settle } = bench();
  link().lose();
  await settle();
  await clock.advance(750);
  link().open();
  await clock.advance(MINUTE);
  link().lose();
  await settle();
  expect(states.at(-1)).toEqual({ at: "waiting", fault: LOST, retryInMs: 750 });
});

test("ReconnectingClient: a link thrown out right after it opened counts as a failure", async () => {
  const { clock, states, link, settle } = bench();
  for (const wait of [750, 1_500, 3_000]) {
    link().open();
    await settle();
    link().lose();
    await settle();
    expect(states.at(-1)).toMatchObject({ at: "waiting", retryInMs: wait });
    await clock.advance(wait);
  }
});

test("ReconnectingClient: a broker that refuses MQTT 5 is tried with 3.1.1 at once", async () => {
  const { links, states, link, settle } = bench();
  link().lose({ newerProtocolRefused: true });
  await settle();
  expect(links.map(({ protocol }) => protocol)).toEqual([5, 4]);
  link().open();
  await settle();
  expect(states.at(-1)).toEqual({ at: "online", protocol: 4, refused: [], sessionKept: false });
});

test.each([true, false])("ReconnectingClient: says whether the broker still knew the session (%s)", async (kept) => {
  const { states, link, settle } = bench();
  link().open(10, kept);
  await settle();
  expect(states.at(-1)).toMatchObject({ at: "online", sessionKept: kept });
});

test("ReconnectingClient: a try that fails with 3.1.1 begins again with 5; a link that was online keeps its version", async () => {
  const { clock, links, link, settle } = bench();
  link().lose({ newerProtocolRefused: true });
  await settle();
  link().open();
  await settle();
  link().lose();
  await clock.advance(MINUTE);
  link().lose();
  await clock.advance(MINUTE);
  expect(links.map(({ protocol }) => protocol)).toEqual([5, 4, 4, 5]);
});

test("ReconnectingClient: says online only when its subscriptions are answered, and names those turned away", async () => {
  const { client, states, link, settle } = bench();
  client.subscribe("a", () => undefined);
  client.subscribe("b", () => undefined);
  const answer = Promise.withResolvers<Result<readonly string[]>>();
  link().subscribe = () => answer.promise;
  link().open();
  await settle();
  expect([client.state.at, client.room]).toEqual(["connecting", 0]);
  answer.resolve(ok(["b"]));
  await settle();
  expect(states.at(-1)).toEqual({ at: "online", protocol: 5, refused: ["b"], sessionKept: false });
});

test("ReconnectingClient: a filter added while the first ones wait for their answer is asked for before online", async () => {
  const { client, link, settle } = bench();
  client.subscribe("a", () => undefined);
  const asked: (readonly string[])[] = [];
  link().subscribe = async (filters) => {
    asked.push(filters);
    if (asked.length === 1) client.subscribe("b", () => undefined);
    return ok([]);
  };
  link().open();
  await settle();
  expect([asked, client.state.at]).toEqual([[["a"], ["b"]], "online"]);
});

test("ReconnectingClient: subscriptions hold over reconnections, ended ones do not", async () => {
  const { client, clock, link } = await onlineBench();
  client.subscribe("kept", () => undefined);
  const end = client.subscribe("dropped", () => undefined);
  const first = link();
  end();
  first.lose();
  await clock.advance(MINUTE);
  link().open();
  await clock.advance(0);
  expect([first.unsubscribed, link().subscribed]).toEqual([["dropped"], [["kept"]]]);
});

test("ReconnectingClient: one filter with two listeners is asked for once and kept until both have ended", async () => {
  const { client, link } = await onlineBench();
  const heard: string[] = [];
  const endFirst = client.subscribe("a", () => heard.push("first"));
  const endSecond = client.subscribe("a", () => heard.push("second"));
  link().say("a");
  endFirst();
  link().say("a");
  expect([link().subscribed, link().unsubscribed, heard]).toEqual([[["a"]], [], ["first", "second", "second"]]);
  endSecond();
  expect(link().unsubscribed).toEqual(["a"]);
});

test("ReconnectingClient: a payload over the limit is dropped and counted, one at the limit is not", async () => {
  const { client, link } = await onlineBench({ maxPayloadBytes: 4 });
  const heard: string[] = [];
  client.subscribe("#", ({ payload }) => heard.push(payload.toString()));
  link().say("a", "12345");
  link().say("a", "1234");
  expect([heard, client.dropped]).toEqual([["1234"], 1]);
});

test("publish(): before the link is online it is a fault at once and nothing is queued", async () => {
  const { client, link, settle } = bench();
  const sent: string[] = [];
  link().publish = async ({ topic }) => {
    sent.push(topic);
    return ok(undefined);
  };
  expect(await client.publish({ topic: "a", payload: "" })).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "mqtt" } });
  link().open();
  await settle();
  expect(sent).toEqual([]);
});

test("publish(): takes room until it is answered, whatever the answer", async () => {
  const { client, link } = await onlineBench();
  const answer = Promise.withResolvers<Result<void>>();
  link().publish = () => answer.promise;
  const publishing = client.publish({ topic: "a", payload: "" });
  expect(client.room).toBe(9);
  answer.resolve(fail({ kind: "busy", via: "mqtt" }));
  await publishing;
  expect(client.room).toBe(10);
});

test("ReconnectingClient: there is no room once the link is lost", async () => {
  const { client, link, settle } = await onlineBench();
  link().lose();
  await settle();
  expect([client.state.at, client.room]).toEqual(["waiting", 0]);
});

test("online(): resolves when online, rejects with the signal's reason when aborted first", async () => {
  const { client, link, settle } = bench();
  const stop = new AbortController();
  const aborted = expect(client.online(stop.signal)).rejects.toThrow("enough");
  const waiting = client.online(new AbortController().signal);
  stop.abort(new Error("enough"));
  await aborted;
  link().open();
  await settle();
  await waiting;
  await expect(client.online(AbortSignal.abort(new Error("late")))).rejects.toThrow("late");
});

test("close(): while waiting ends the wait, says closed and opens nothing more", async () => {
  const { client, clock, links, states, link, settle } = bench();
  link().lose();
  await settle();
  await client.close();
  await clock.advance(10 * MINUTE);
  expect([states.at(-1), links.length]).toEqual([{ at: "closed" }, 1]);
});

test("close(): of a link that never opened ends it", async () => {
  const { client, states, link } = bench();
  await client.close();
  expect([states.at(-1), (await link().ended).fault.kind]).toEqual([{ at: "closed" }, "cancelled"]);
});

test("onState(): the present state comes at once, nothing after its end", async () => {
  const { client, link, settle } = await onlineBench();
  const seen: string[] = [];
  const end = client.onState(({ at }) => seen.push(at));
  end();
  link().lose();
  await settle();
  expect(seen).toEqual(["online"]);
});

test.each<[string, string, boolean]>([
  ["a/b", "a/b", true],
  ["a/b", "a/b/c", false],
  ["a/b/c", "a/b", false],
  ["a/+", "a/b", true],
  ["a/+", "a", false],
  ["a/+", "a/", true],
  ["+/b", "a/b", true],
  ["+", "/a", false],
  ["a/#", "a/b/c", true],
  ["a/#", "a", true],
  ["#", "a/b", true],
  ["a/+/c", "a/b/d", false],
  ["A", "a", false],
])("matches(): %s on %s is %s (MQTT 3.1.1, 4.7.1)", (filter, topic, wanted) => {
  expect(matches(filter, topic)).toBe(wanted);
});

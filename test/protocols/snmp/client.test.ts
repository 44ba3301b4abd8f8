import { createSocket } from "node:dgram";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { MINUTE, manualClock, realSleep } from "../../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess, type SnmpClient, type SnmpIo, type SnmpTarget } from "../../../protocols/snmp/client.ts";
import {
  type Answer,
  type Asked,
  answerPacket,
  honest,
  int,
  octets,
  oid,
  readRequest,
  startAgent,
  startHonest,
  type TestAgent,
  tlv,
  varbind,
} from "./agent.ts";

const never = new AbortController().signal;
const PUBLIC: SnmpAccess = { version: "2c", community: new Secret("public") };
const OLD: SnmpAccess = { version: "1", community: new Secret("public") };
const DESCR = "1.3.6.1.2.1.1.1.0";
const COLUMN = "1.3.6.1.2.1.2.2.1.2";

function client(io: Partial<SnmpIo> = {}): SnmpClient {
  const made = createSnmpClient({ clock: manualClock(0), random: seededRandom(1), timeoutMs: 1_000, ...io });
  onTestFinished(() => made.close());
  return made;
}

const at = (port: number, access = PUBLIC): SnmpTarget => ({ address: "127.0.0.1", port, access });

async function agent(reply: (asked: Asked) => Answer | undefined): Promise<TestAgent> {
  const started = await startHonest(reply);
  onTestFinished(() => started.close());
  return started;
}

const table = (rows: number): ReadonlyMap<string, Buffer> =>
  new Map([
    [DESCR, octets("Polycom")],
    ...Array.from({ length: rows }, (_, i): [string, Buffer] => [`${COLUMN}.${i + 1}`, octets(`port ${i + 1}`)]),
    ["1.3.6.1.2.1.2.2.1.3.1", int(6)],
  ]);

test("get(): values as the agent types them, what it lacks is absent", async () => {
  const values: Readonly<Record<string, Buffer>> = {
    "1.3.6.1.1": octets("x"),
    "1.3.6.1.2": int(-5),
    "1.3.6.1.3": tlv(0x41, Buffer.from([0, 0xff, 0xff, 0xff, 0xff])),
    "1.3.6.1.4": tlv(0x46, Buffer.from([1, 0, 0, 0, 0])),
    "1.3.6.1.5": oid("1.3.6.1.4.1.13885"),
    "1.3.6.1.6": tlv(0x40, Buffer.from([192, 0, 2, 1])),
    "1.3.6.1.7": tlv(0x43, Buffer.from([9])),
  };
  const { port } = await agent((asked) => honest(new Map(Object.entries(values)), asked));
  const result = await client().get(at(port), [...Object.keys(values), "1.3.6.1.8"], never);
  expect(result.ok && [...result.value.values()]).toEqual([
    { type: "octets", value: Buffer.from("x") },
    { type: "integer", value: -5 },
    { type: "counter", value: 0xffff_ffff },
    { type: "counter64", value: 0x1_0000_0000n },
    { type: "oid", value: "1.3.6.1.4.1.13885" },
    { type: "ip", value: "192.0.2.1" },
    { type: "ticks", value: 9 },
    { type: "absent", why: "noSuchObject" },
  ]);
});

test("get(): in version 1 one missing object does not lose the others", async () => {
  const { port } = await agent((asked) => honest(table(3), asked));
  const result = await client().get(at(port, OLD), [DESCR, "1.3.6.1.9.9", `${COLUMN}.2`], never);
  expect(result.ok && [...result.value.values()].map(({ type }) => type)).toEqual(["octets", "absent", "octets"]);
});

test.each([
  ["2c", PUBLIC, 0xa5],
  ["1", OLD, 0xa1],
])("walk(): a column in version %s is all its rows and nothing else", async (_version, access, pduTag) => {
  const { port, requests } = await agent((asked) => honest(table(45), asked));
  const result = await client().walk(at(port, access), COLUMN, never);
  expect(result.ok && result.value.map(({ oid: name }) => name)).toEqual(Array.from({ length: 45 }, (_, i) => `${COLUMN}.${i + 1}`));
  expect(new Set(requests.map((asked) => asked.pduTag))).toEqual(new Set([pduTag]));
});

test("walk(): an agent that repeats its rows is garbled after two questions", async () => {
  const { port, requests } = await agent(() => ({ varbinds: [varbind(`${COLUMN}.1`, int(1))] }));
  expect(await client().walk(at(port), COLUMN, never)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(requests).toHaveLength(2);
});

test("walk(): a table without end stops at the budget", async () => {
  let next = 0;
  const { port } = await agent(() => ({ varbinds: Array.from({ length: 20 }, () => varbind(`${COLUMN}.${++next}`, int(1))) }));
  const budget = { timeMs: 10_000, bytes: 1_000_000, items: 50 };
  expect(await client({ budget }).walk(at(port), COLUMN, never)).toEqual({
    ok: false,
    fault: { kind: "overBudget", via: "snmp", budget: "items", limit: 50 },
  });
});

test("walk(): a response too large is asked for in smaller pieces", async () => {
  const { port, requests } = await agent((asked) => (asked.third > 5 ? { status: 1, varbinds: [] } : honest(table(7), asked)));
  const result = await client().walk(at(port), COLUMN, never);
  expect(result.ok && result.value.length).toBe(7);
  expect(requests.slice(0, 3).map(({ third }) => third)).toEqual([20, 10, 5]);
});

test("get(): silence is unreachable after one repeat", async () => {
  const { port, requests } = await agent(() => undefined);
  expect(await client({ timeoutMs: 20 }).get(at(port), [DESCR], never)).toEqual({ ok: false, fault: { kind: "unreachable", via: "snmp" } });
  expect(requests).toHaveLength(2);
});

test("get(): one lost packet is repeated", async () => {
  let seen = 0;
  const { port } = await agent((asked) => (++seen === 1 ? undefined : honest(table(1), asked)));
  expect((await client({ timeoutMs: 200 }).get(at(port), [DESCR], never)).ok).toBe(true);
});

test.each<[string, Partial<Answer>]>([
  ["a Report that answers version 2c, which ends a process that trusts the library", { pduTag: 0xa8 }],
  ["another request id", { id: Buffer.from([9, 9, 9, 9]) }],
  ["another community", { community: Buffer.from("private") }],
  ["a value that does not decode", { varbinds: [varbind(DESCR, tlv(0x99, Buffer.from([1])))] }],
])("get(): %s is garbled, not silence", async (_name, change) => {
  const { port } = await agent((asked) => ({ ...honest(table(1), asked), ...change }));
  expect(await client({ timeoutMs: 100 }).get(at(port), [DESCR], never)).toMatchObject({
    ok: false,
    fault: { kind: "garbled", via: "snmp" },
  });
});

test("get(): hostile packets before the right answer cost nothing", async () => {
  const started = await startAgent((packet, from, socket) => {
    const asked = readRequest(packet);
    const say = (bytes: Buffer): void => socket.send(bytes, from.port, from.address);
    for (const answer of [{ pduTag: 0xa8 }, { id: Buffer.from([1]) }]) say(answerPacket(asked, { ...honest(table(1), asked), ...answer }));
    for (let length = 0; length < 40; length++) say(answerPacket(asked, honest(table(1), asked)).subarray(0, length));
    say(answerPacket(asked, honest(table(1), asked)));
  });
  onTestFinished(() => started.close());
  const result = await client().get(at(started.port), [DESCR], never);
  expect(result.ok && result.value.get(DESCR)).toEqual({ type: "octets", value: Buffer.from("Polycom") });
});

test("get(): request ids are drawn from our source, a new one for each question", async () => {
  const { port, requests } = await agent((asked) => honest(table(1), asked));
  const snmp = client();
  for (let i = 0; i < 5; i++) await snmp.get(at(port), [DESCR], never);
  const ids = requests.map(({ id }) => id.readIntBE(0, id.length));
  const random = seededRandom(1);
  random.hex(32);
  expect(ids).toEqual(Array.from({ length: 5 }, () => 1 + random.below(0x7fff_fffe)));
});

test("get(): one agent is asked one thing at a time [snmp 7.1]", async () => {
  let open = 0;
  let most = 0;
  const started = await startAgent((packet, from, socket) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      const asked = readRequest(packet);
      socket.send(answerPacket(asked, honest(table(1), asked)), from.port, from.address);
    });
  });
  onTestFinished(() => started.close());
  const snmp = client();
  const results = await Promise.all([PUBLIC, OLD, PUBLIC].map((access) => snmp.get(at(started.port, access), [DESCR], never)));
  expect([results.map(({ ok }) => ok), most]).toEqual([[true, true, true], 1]);
});

test("get(): an agent's error is refused, no access is denied", async () => {
  const { port } = await agent(({ oids }) => ({
    status: oids[0] === DESCR ? 5 : 16,
    index: 1,
    varbinds: oids.map((name) => varbind(name, tlv(5))),
  }));
  const snmp = client();
  expect(await snmp.get(at(port), [DESCR], never)).toMatchObject({ fault: { kind: "refused", reason: "general error" } });
  expect(await snmp.get(at(port), ["1.3.6.1.9"], never)).toMatchObject({ fault: { kind: "denied" } });
});

test("walk(): a trickle of rows is over budget in time, silence to the same limit is unreachable", async () => {
  let next = 0;
  const trickle = await startAgent((packet, from, socket) => {
    const answer = { varbinds: [varbind(`${COLUMN}.${++next}`, int(1))] };
    void realSleep(20).then(() => socket.send(answerPacket(readRequest(packet), answer), from.port, from.address));
  });
  onTestFinished(async () => {
    await realSleep(40);
    await trickle.close();
  });
  const silent = await agent(() => undefined);
  const snmp = client({ budget: { timeMs: 200, bytes: 100_000, items: 1_000 } });
  const [slow, none] = await Promise.all([snmp.walk(at(trickle.port), COLUMN, never), snmp.get(at(silent.port), [DESCR], never)]);
  expect([slow, none]).toMatchObject([{ fault: { kind: "overBudget", budget: "time", limit: 200 } }, { fault: { kind: "unreachable" } }]);
});

test("get(): whoever floods with what is no answer is over budget in bytes, long before the time is up", async () => {
  const started = await startAgent((packet, from, socket) => {
    const asked = readRequest(packet);
    for (let i = 0; i < 50; i++)
      socket.send(answerPacket({ ...asked, id: Buffer.from([i]) }, honest(table(1), asked)), from.port, from.address);
  });
  onTestFinished(() => started.close());
  const snmp = client({ timeoutMs: 60_000, budget: { timeMs: 120_000, bytes: 1_000, items: 10 } });
  expect(await snmp.get(at(started.port), [DESCR], never)).toMatchObject({ fault: { kind: "overBudget", budget: "bytes", limit: 1_000 } });
});

test("get(): one agent in two spellings of its IPv6 address is still asked one thing at a time [snmp 7.1]", async (context) => {
  const socket = createSocket("udp6");
  const bound = await new Promise<boolean>((resolve) => {
    socket.once("error", () => resolve(false));
    socket.bind(0, "::1", () => resolve(true));
  });
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  if (!bound) return context.skip("no IPv6 on this machine");
  socket.on("message", (packet, from) => {
    const asked = readRequest(packet);
    socket.send(answerPacket(asked, honest(table(1), asked)), from.port, from.address);
  });
  const snmp = client();
  const { port } = socket.address();
  const asks = ["::1", "0:0:0:0:0:0:0:1", "::1"].map((address) => snmp.get({ ...at(port), address }, [DESCR], never));
  const walks = ["::1", "0::1"].map((address) => snmp.walk({ ...at(port), address }, COLUMN, never));
  expect((await Promise.all([...asks, ...walks])).map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
});

test("get(): a stop is cancelled at once, before and during the question", async () => {
  const stop = new AbortController();
  const { port, requests } = await agent(() => {
    stop.abort();
    return undefined;
  });
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  const snmp = client({ timeoutMs: 60_000 });
  expect(await snmp.get(at(port), [DESCR], stop.signal)).toEqual(cancelled);
  expect(await snmp.get(at(port), [DESCR], stop.signal)).toEqual(cancelled);
  expect(requests).toHaveLength(1);
});

test("get(): what is no identifier, too many of them, or no address is never sent", async () => {
  const { port, requests } = await agent((asked) => honest(table(1), asked));
  const snmp = client();
  const many = Array.from({ length: 2_001 }, (_, i) => `1.3.6.1.${i}`);
  expect(await snmp.get(at(port), ["sysDescr"], never)).toMatchObject({ fault: { kind: "garbled" } });
  expect(await snmp.get(at(port), many, never)).toMatchObject({ fault: { kind: "garbled" } });
  expect(await snmp.walk(at(port), "1.x", never)).toMatchObject({ fault: { kind: "garbled" } });
  expect(await snmp.get({ ...at(port), address: "localhost" }, [DESCR], never)).toMatchObject({ fault: { kind: "unreachable" } });
  expect(requests).toEqual([]);
});

test("get(): after a long pause the agent answers again, in a conversation of its own", async () => {
  const clock = manualClock(0);
  const { port } = await agent((asked) => honest(table(1), asked));
  const snmp = client({ clock });
  expect((await snmp.get(at(port), [DESCR], never)).ok).toBe(true);
  await clock.advance(60 * MINUTE);
  expect((await snmp.get(at(port), [DESCR], never)).ok).toBe(true);
});

test("close(): ends what is asked as cancelled, and what is asked later too", async () => {
  const { port } = await agent(() => void snmp.close());
  const snmp = client({ timeoutMs: 60_000 });
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect(await snmp.get(at(port), [DESCR], never)).toEqual(cancelled);
  expect(await snmp.get(at(port), [DESCR], never)).toEqual(cancelled);
});

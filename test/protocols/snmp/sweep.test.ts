import { createSocket } from "node:dgram";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { type Clock, manualClock } from "../../../protocols/core/time.ts";
import { type SnmpSweepPlan, type SweepAnswer, type SweepOutcome, sweepSnmp } from "../../../protocols/snmp/sweep.ts";
import {
  type Answer,
  type Asked,
  answerPacket,
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
const manyAddresses = process.platform !== "darwin";
const PUBLIC = { version: "2c", community: new Secret("public") } as const;
const OTHER = { version: "1", community: new Secret("other") } as const;

/** A clock on which sleeping moves the time at once. */
function leapingClock(): Clock {
  const clock = manualClock(1_000);
  let nowMs = clock.nowMs();
  return {
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => Math.max(1, lengthMs),
    sleep: async (lengthMs) => {
      nowMs += lengthMs;
    },
  };
}

const system = (asked: Asked): Answer => ({
  varbinds: asked.oids.map((name, i) =>
    varbind(name, i === 1 ? oid("1.3.6.1.4.1.13885.1") : octets(i === 0 ? "Videoconferencing Device" : "Room 1")),
  ),
});

async function agent(reply: (asked: Asked) => Answer | undefined): Promise<TestAgent> {
  const started = await startHonest(reply);
  onTestFinished(() => started.close());
  return started;
}

async function sweep(plan: Partial<SnmpSweepPlan> & { readonly port: number }, clock = leapingClock(), signal = never) {
  const answers: SweepAnswer[] = [];
  const whole = { addresses: ["127.0.0.1"], accesses: [PUBLIC], packetsPerSecond: 10_000, timeoutMs: 100, ...plan };
  const outcome: SweepOutcome = await sweepSnmp(
    whole,
    { clock, random: seededRandom(1), onAnswer: (answer) => answers.push(answer) },
    signal,
  );
  return { answers, outcome };
}

test("sweepSnmp(): who answers is told once, with what it says of itself", async () => {
  const { port, requests } = await agent(system);
  const { answers, outcome } = await sweep({ port });
  expect(answers).toEqual([
    { address: "127.0.0.1", access: 0, sysDescr: "Videoconferencing Device", sysObjectId: "1.3.6.1.4.1.13885.1", sysName: "Room 1" },
  ]);
  expect(outcome).toEqual({ asked: 1, answered: 1, skipped: 0, packets: 1, refused: 0 });
  expect(requests[0]).toMatchObject({ version: 1, pduTag: 0xa0, oids: ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.5.0"] });
});

test("sweepSnmp(): the silent are asked once more with each access, in the order given, with another id each time", async () => {
  const { port, requests } = await agent(() => undefined);
  const { outcome } = await sweep({ port, accesses: [PUBLIC, OTHER], timeoutMs: 5 });
  expect(requests.map(({ version, community }) => `${version} ${community}`)).toEqual(["1 public", "1 public", "0 other", "0 other"]);
  expect(new Set(requests.map(({ id }) => id.toString("hex"))).size).toBe(4);
  expect(outcome).toMatchObject({ answered: 0, packets: 4 });
});

test("sweepSnmp(): a lost packet is repeated once, and who answered is asked no more", async () => {
  let seen = 0;
  const { port, requests } = await agent((asked) => (++seen === 1 ? undefined : system(asked)));
  const { outcome } = await sweep({ port, accesses: [PUBLIC, OTHER] });
  expect([requests.length, outcome.answered]).toEqual([2, 1]);
});

test("sweepSnmp(): a late answer to an earlier try counts, under the access it answers", async () => {
  let first: Asked | undefined;
  const held = await startAgent((packet, from, socket) => {
    const asked = readRequest(packet);
    first ??= asked;
    if (asked.version === 0) socket.send(answerPacket(first, system(first)), from.port, from.address);
  });
  onTestFinished(() => held.close());
  const { answers } = await sweep({ port: held.port, accesses: [PUBLIC, OTHER], timeoutMs: 60 });
  expect(answers).toMatchObject([{ access: 0, sysName: "Room 1" }]);
});

test.each<[string, (asked: Asked) => Partial<Answer>]>([
  ["another id", () => ({ id: Buffer.from([1, 2, 3, 4]) })],
  ["another community", () => ({ community: Buffer.from("private") })],
  ["a Report", () => ({ pduTag: 0xa8 })],
  ["a request", () => ({ pduTag: 0xa0 })],
  ["a broken value", () => ({ varbinds: [varbind("1.3.6.1.2.1.1.1.0", tlv(0x99))] })],
])("sweepSnmp(): %s is refused and is no answer", async (_name, change) => {
  const { port } = await agent((asked) => ({ ...system(asked), ...change(asked) }));
  const { answers, outcome } = await sweep({ port, timeoutMs: 60 });
  expect([answers, outcome.refused]).toEqual([[], 2]);
});

test("sweepSnmp(): an answer from another port is nobody's", async () => {
  const other = await agent(() => undefined);
  const { port } = await startAgentThatAnswersFrom(other);
  const { answers, outcome } = await sweep({ port, timeoutMs: 60 });
  expect([answers, outcome.refused]).toEqual([[], 0]);
});

async function startAgentThatAnswersFrom(other: TestAgent): Promise<TestAgent> {
  const started = await startAgent((packet, from) => {
    const asked = readRequest(packet);
    other.socket.send(answerPacket(asked, system(asked)), from.port, from.address);
  });
  onTestFinished(() => started.close());
  return started;
}

test("sweepSnmp(): an agent that answers with an error is there, and says nothing of itself", async () => {
  const { port } = await agent((asked) => ({ status: 2, index: 1, varbinds: asked.oids.map((name) => varbind(name, tlv(5))) }));
  expect((await sweep({ port })).answers).toEqual([{ address: "127.0.0.1", access: 0 }]);
});

test("sweepSnmp(): values of a type that was not asked for are left out", async () => {
  const { port } = await agent((asked) => ({ varbinds: asked.oids.map((name) => varbind(name, tlv(2, Buffer.from([1])))) }));
  expect((await sweep({ port })).answers).toEqual([{ address: "127.0.0.1", access: 0 }]);
});

test("sweepSnmp(): only hosts' addresses given are asked", async () => {
  const { port, requests } = await agent(system);
  const addresses = ["127.0.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "localhost", "::1", "", "127.0.0.01"];
  const { outcome } = await sweep({ port, addresses });
  expect([outcome.asked, outcome.skipped, outcome.packets, requests.length]).toEqual([1, 8, 1, 1]);
});

test("sweepSnmp(): nobody to ask is over at once", async () => {
  expect((await sweep({ port: 9, addresses: [] })).outcome).toEqual({ asked: 0, answered: 0, skipped: 0, packets: 0, refused: 0 });
});

test.skipIf(!manyAddresses)("sweepSnmp(): asks in the order given", async () => {
  const addresses = [1, 8, 3, 2, 5].map((n) => `127.0.0.${n}`);
  const heard: string[] = [];
  let notify: () => void = () => undefined;
  const { port } = await agent((asked) => hear(addresses[0] as string, asked));
  const hear = (address: string, asked: Asked): Answer => {
    heard.push(address);
    notify();
    return system(asked);
  };
  for (const address of addresses.slice(1)) await agentAt(address, port, (asked) => hear(address, asked));
  // Packets leave one by one: the clock goes on when the last one was heard.
  const clock = leapingClock();
  let pauses = 0;
  const sleep: Clock["sleep"] = async (lengthMs) => {
    pauses++;
    await new Promise<void>((resolve) => {
      notify = () => {
        if (heard.length >= pauses) resolve();
      };
      notify();
    });
    await clock.sleep(lengthMs);
  };
  await sweep({ port, addresses, packetsPerSecond: 1, timeoutMs: 60_000 }, { ...clock, sleep });
  expect(heard).toEqual(addresses);
});

/** One more agent, on another address of the loopback and a given port. */
async function agentAt(address: string, port: number, reply: (asked: Asked) => Answer): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => {
    const asked = readRequest(packet);
    socket.send(answerPacket(asked, reply(asked)), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
}

test.skipIf(!manyAddresses)("sweepSnmp(): keeps its pace", async () => {
  const addresses = Array.from({ length: 200 }, (_, i) => `127.0.1.${i + 1}`);
  const clock = leapingClock();
  const startMs = clock.nowMs();
  // Nobody listens there: 400 packets at 100 a second, the first of each pass at once.
  const { outcome } = await sweep({ port: 9, addresses, packetsPerSecond: 100, timeoutMs: 1 }, clock);
  expect(outcome.packets).toBe(400);
  expect(clock.nowMs() - startMs).toBeGreaterThan(3_900);
  expect(clock.nowMs() - startMs).toBeLessThan(4_100);
});

test("sweepSnmp(): a stop ends it early with what it has", async () => {
  const stop = new AbortController();
  const { port, requests } = await agent(() => {
    stop.abort();
    return undefined;
  });
  const { outcome } = await sweep({ port, timeoutMs: 60_000 }, leapingClock(), stop.signal);
  expect([requests.length, outcome]).toEqual([1, { asked: 1, answered: 0, skipped: 0, packets: 1, refused: 0 }]);
});

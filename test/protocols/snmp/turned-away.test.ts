/** Datagrams of the asked device that nobody can use: the ask ends as garbled, however the time ran out. */
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock, realSleep } from "../../../protocols/core/time.ts";
import { createSnmpClient, type SnmpClient, type SnmpIo } from "../../../protocols/snmp/client.ts";
import { answerPacket, honest, octets, readRequest, startAgent } from "./agent.ts";

const DESCR = "1.3.6.1.2.1.1.1.0";
const never = new AbortController().signal;
const table = new Map([[DESCR, octets("Polycom")]]);
const access = { version: "2c", community: new Secret("public") } as const;

function client(io: Partial<SnmpIo>): SnmpClient {
  const made = createSnmpClient({ clock: manualClock(0), random: seededRandom(1), ...io });
  onTestFinished(() => made.close());
  return made;
}

type Spoil = (honest: Buffer) => Buffer;
const SPOILED: readonly (readonly [string, Spoil, string])[] = [
  ["noise", () => Buffer.from("no SNMP at all"), "not a message"],
  ["an answer cut in half", (packet) => packet.subarray(0, packet.length >> 1), "not a message"],
  ["an answer that lacks its last octet", (packet) => packet.subarray(0, -1), "not a message"],
  ["nothing in a datagram", () => Buffer.alloc(0), "not a message"],
];

/** Says what `spoil` makes of the answer, again and again until the test is over. */
async function tirelessAgent(spoil: Spoil | "wrong id"): Promise<number> {
  const stop = new AbortController();
  const agent = await startAgent((packet, from, socket) => {
    const asked = readRequest(packet);
    const answer = { ...honest(table, asked), ...(spoil === "wrong id" ? { id: Buffer.from([9, 9, 9]) } : {}) };
    const whole = answerPacket(asked, answer);
    const again = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        socket.send(spoil === "wrong id" ? whole : spoil(whole), from.port, from.address);
        await realSleep(10, stop.signal).catch(() => undefined);
      }
    };
    void again();
  });
  onTestFinished(async () => {
    stop.abort();
    await agent.close();
  });
  return agent.port;
}

const ALL: readonly (readonly [string, Spoil | "wrong id", string])[] = [...SPOILED, ["the wrong id", "wrong id", "wrong id"]];

test.each(ALL)("SnmpClient.get(): %s, again and again, is garbled once the agent had its two time-outs", async (_what, spoil, detail) => {
  const target = { address: "127.0.0.1", port: await tirelessAgent(spoil), access };
  const fault = { kind: "garbled", via: "snmp", wanted: "an SNMP answer", detail };
  expect(await client({ timeoutMs: 40 }).get(target, [DESCR], never)).toEqual({ ok: false, fault });
  expect(await client({ timeoutMs: 40 }).walk(target, "1.3.6.1.2.1", never)).toEqual({ ok: false, fault });
});

test.each(ALL)("SnmpClient.get(): %s is garbled too where the caller's time or the budget is over first", async (_what, spoil, detail) => {
  const target = { address: "127.0.0.1", port: await tirelessAgent(spoil), access };
  const fault = { kind: "garbled", via: "snmp", wanted: "an SNMP answer", detail };
  const patient = client({ timeoutMs: 10_000 });
  expect(await patient.get(target, [DESCR], AbortSignal.timeout(80))).toEqual({ ok: false, fault });
  expect(await patient.walk(target, "1.3.6.1.2.1", AbortSignal.timeout(80))).toEqual({ ok: false, fault });
  const hurried = client({ timeoutMs: 10_000, budget: { timeMs: 80, bytes: 1_000_000, items: 100 } });
  expect(await hurried.get(target, [DESCR], never)).toEqual({ ok: false, fault });
});

test("SnmpClient.get(): stopped by a person it is cancelled, whatever came", async () => {
  const target = { address: "127.0.0.1", port: await tirelessAgent("wrong id"), access };
  const stop = new AbortController();
  const answer = client({ timeoutMs: 10_000 }).get(target, [DESCR], stop.signal);
  await realSleep(50);
  stop.abort();
  expect(await answer).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
});

test("SnmpClient.get(): an answer that comes once more during the next question is no answer to it, and no fault of the agent", async () => {
  const asked: string[] = [];
  const agent = await startAgent((packet, from, socket) => {
    const request = readRequest(packet);
    asked.push(request.id.toString("hex"));
    const answer = answerPacket(request, honest(table, request));
    // To the first question twice, to the second only the answer to the first, again and again.
    if (asked.length === 1) for (const _ of [1, 2]) socket.send(answer, from.port, from.address);
    first ??= answer;
    if (asked.length > 1) socket.send(first, from.port, from.address);
  });
  let first: Buffer | undefined;
  onTestFinished(() => agent.close());
  const target = { address: "127.0.0.1", port: agent.port, access };
  const one = client({ timeoutMs: 40 });
  expect((await one.get(target, [DESCR], never)).ok).toBe(true);
  expect(await one.get(target, [DESCR], never)).toEqual({ ok: false, fault: { kind: "unreachable", via: "snmp" } });
  expect(await one.walk(target, "1.3.6.1.2.1", never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(new Set(asked).size).toBeGreaterThan(2);
});

import { createSocket, type Socket } from "node:dgram";
import { expect, onTestFinished, test } from "vitest";
import { type Hint, type ListenPlan, openListeners } from "../../../agent/listeners/listen.ts";
import { MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { SYSLOG_5424, TRAP_V1 } from "../../hostile/samples.ts";
import { readRequest } from "../../protocols/snmp/agent.ts";
import { community } from "../../protocols/snmp/messages.ts";

const ANY = { host: "127.0.0.1", port: 0 };
const INFORM = community({ tag: 0xa6, id: 99 });

async function open(plan: ListenPlan) {
  const hints: Hint[] = [];
  const troubles: string[] = [];
  const clock = manualClock(0);
  const listeners = await openListeners(plan, {
    clock,
    onHint: (hint) => void hints.push(hint),
    onTrouble: (what) => void troubles.push(what),
  });
  onTestFinished(() => listeners.close());
  const handled = (): number => Object.values(listeners.counts).reduce((sum, count) => sum + count, 0);
  /** From an address of its own, and waited for until it was dealt with. */
  const send = async (name: "syslog" | "traps", from: string, packet: Buffer | string): Promise<Socket> => {
    const socket = createSocket("udp4");
    onTestFinished(() => void socket.close());
    await new Promise<void>((resolve) => socket.bind(0, from, resolve));
    const before = handled();
    socket.send(packet, listeners.places[name]?.port ?? 0, "127.0.0.1");
    while (handled() === before) await new Promise((resolve) => setImmediate(resolve));
    return socket;
  };
  return { listeners, hints, troubles, clock, send };
}

test("openListeners(): a trap and a bad log line each make a hint with their sender's address", async () => {
  const { hints, send } = await open({ syslog: ANY, traps: ANY });
  await send("traps", "127.0.0.21", TRAP_V1);
  await send("syslog", "127.0.0.22", SYSLOG_5424);
  expect(hints).toEqual([
    { via: "trap", address: "127.0.0.21" },
    { via: "syslog", address: "127.0.0.22" },
  ]);
});

test("openListeners(): what tells of nothing wrong, and what is no message, makes none", async () => {
  const { hints, listeners, send } = await open({ syslog: ANY, traps: ANY });
  await send("syslog", "127.0.0.22", "<134>1 - - - - - - all is well");
  await send("syslog", "127.0.0.22", "hello");
  await send("traps", "127.0.0.22", SYSLOG_5424);
  expect(hints).toEqual([]);
  expect(listeners.counts).toEqual({ taken: 0, again: 0, tooMany: 0, nothing: 3 });
});

test("openListeners(): one sender is heard once in half a minute, for each kind", async () => {
  const { hints, listeners, clock, send } = await open({ syslog: ANY, traps: ANY });
  for (let i = 0; i < 3; i++) await send("traps", "127.0.0.21", TRAP_V1);
  await send("syslog", "127.0.0.21", SYSLOG_5424);
  expect(hints).toHaveLength(2);
  expect(listeners.counts).toMatchObject({ taken: 2, again: 2 });
  await clock.advance(MINUTE);
  await send("traps", "127.0.0.21", TRAP_V1);
  expect(hints).toHaveLength(3);
});

test("openListeners(): an inform is answered to its sender", async () => {
  const { send, hints } = await open({ traps: ANY });
  const sender = await send("traps", "127.0.0.23", INFORM);
  const answer = await new Promise<Buffer>((resolve) => sender.once("message", resolve));
  expect(readRequest(answer)).toMatchObject({ pduTag: 0xa2, second: 0 });
  expect(hints).toEqual([{ via: "trap", address: "127.0.0.23" }]);
});

test("openListeners(): a socket for both families knows an IPv4 sender by its IPv4 address", async () => {
  const { hints, send, troubles } = await open({ traps: { host: "::", port: 0 } });
  if (troubles.length > 0) return; // no IPv6 on this machine
  await send("traps", "127.0.0.24", TRAP_V1);
  expect(hints).toEqual([{ via: "trap", address: "127.0.0.24" }]);
});

test("openListeners(): a port that is taken is trouble for that one alone", async () => {
  const first = await open({ syslog: ANY });
  const { troubles, listeners } = await open({ syslog: first.listeners.places.syslog ?? ANY, traps: ANY });
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain("syslog");
  expect(Object.keys(listeners.places)).toEqual(["traps"]);
});

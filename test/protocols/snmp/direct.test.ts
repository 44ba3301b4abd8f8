import { expect, test } from "vitest";
import { createDirects, type DirectTrouble } from "../../../protocols/snmp/direct.ts";

const PEER = { address: "192.0.2.1", port: 161 };
const SENDER = "192.0.2.1|161";
const PACKET = Buffer.from("x");

function directs(readersMax = 10) {
  const sent: string[] = [];
  const done: ((error: Error | null) => void)[] = [];
  const made = createDirects(readersMax, (family, _packet, to, told) => {
    sent.push(`${family} ${to.address} ${to.port}`);
    done.push(told);
  });
  return { ...made, sent, done };
}

function listen(direct: ReturnType<ReturnType<typeof directs>["at"]>) {
  const packets: Buffer[] = [];
  const troubles: DirectTrouble[] = [];
  direct.open(
    { onPacket: (to, packet) => packets.push(...(to === packets ? [packet] : [])), onTrouble: (_to, why) => troubles.push(why) },
    packets,
  );
  return { packets, troubles };
}

test("at(): packets of the peer come while it is open and something was sent, and of nobody else", () => {
  const all = directs();
  const direct = all.at(PEER);
  const heard = listen(direct);
  expect(all.take(SENDER, PACKET)).toBe(false);
  direct.send(PACKET);
  expect([all.take(SENDER, PACKET), all.take("192.0.2.2|161", PACKET), all.take("192.0.2.1|162", PACKET)]).toEqual([true, false, false]);
  direct.close();
  expect(all.take(SENDER, PACKET)).toBe(false);
  expect(heard.packets).toEqual([PACKET]);
  expect(all.sent).toEqual(["4 192.0.2.1 161"]);
});

test("at(): two places of one peer: the second is told so, until the first has closed", () => {
  const all = directs();
  const [first, second] = [all.at(PEER), all.at(PEER)];
  listen(first);
  const other = listen(second);
  first.send(PACKET);
  second.send(PACKET);
  expect(other.troubles).toEqual(["full"]);
  second.close();
  expect(all.take(SENDER, PACKET)).toBe(true);
  first.close();
  listen(second);
  second.send(PACKET);
  expect(all.sent).toHaveLength(2);
});

test("at(): no more than so many are open at once, and a closed one makes room", () => {
  const all = directs(1);
  const [first, second] = [all.at(PEER), all.at({ ...PEER, port: 162 })];
  listen(first);
  const other = listen(second);
  first.send(PACKET);
  second.send(PACKET);
  expect(other.troubles).toEqual(["full"]);
  first.close();
  first.close();
  second.send(PACKET);
  expect(other.troubles).toEqual(["full"]);
  expect(all.sent).toHaveLength(2);
});

test("at(): a packet that could not be sent is told once it is known, unless it is over by then", () => {
  const all = directs();
  const direct = all.at(PEER);
  const heard = listen(direct);
  direct.send(PACKET);
  direct.send(PACKET);
  all.done[0]?.(new Error("no route"));
  direct.close();
  all.done[1]?.(new Error("no route"));
  expect(heard.troubles).toEqual(["unreachable"]);
});

test("at(): IPv6 in any spelling is one sender", () => {
  const all = directs();
  const direct = all.at({ address: "2001:db8:0:0::1", port: 161 });
  const heard = listen(direct);
  direct.send(PACKET);
  expect(all.take("2001:db8::1|161", PACKET)).toBe(true);
  expect([heard.packets.length, all.sent]).toEqual([1, ["6 2001:db8::1 161"]]);
});

test("at(): places nobody reads at are let go, and work again", () => {
  const all = directs();
  const direct = all.at(PEER);
  for (let port = 1; port <= 20_001; port++) all.at({ address: "192.0.2.9", port });
  const heard = listen(direct);
  direct.send(PACKET);
  expect(all.take(SENDER, PACKET)).toBe(true);
  expect(heard.packets).toHaveLength(1);
});

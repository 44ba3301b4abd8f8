import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { expect, onTestFinished, test } from "vitest";
import { createSharedSockets, type Lane, type SharedSockets, type Trouble } from "../../../protocols/snmp/socket.ts";
import { community, GET, REPORT, report, USM, usm } from "./messages.ts";

const manyAddresses = process.platform !== "darwin";

interface Peer {
  readonly port: number;
  readonly heard: Buffer[];
  say(packet: Buffer, to: RemoteInfo): void;
  /** The sender of the next request. */
  asked(): Promise<RemoteInfo>;
}

async function peer(address = "127.0.0.1", port = 0): Promise<Peer> {
  const socket: Socket = createSocket("udp4");
  const heard: Buffer[] = [];
  const waiting: ((from: RemoteInfo) => void)[] = [];
  const early: RemoteInfo[] = [];
  socket.on("message", (packet, from) => {
    heard.push(packet);
    const next = waiting.shift();
    if (next === undefined) early.push(from);
    else next(from);
  });
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return {
    port: socket.address().port,
    heard,
    say: (packet, to) => socket.send(packet, to.port, to.address),
    asked: () => new Promise((resolve) => (early.length > 0 ? resolve(early.shift() as RemoteInfo) : waiting.push(resolve))),
  };
}

function sockets(): SharedSockets {
  const made = createSharedSockets();
  onTestFinished(() => made.close());
  return made;
}

/** A lane that keeps what is handed on; `heard` resolves with the next packet. */
function listen(lane: Lane): { readonly packets: Buffer[]; readonly troubles: Trouble[]; heard(): Promise<Buffer> } {
  const packets: Buffer[] = [];
  const troubles: Trouble[] = [];
  let notify: (packet: Buffer) => void = () => undefined;
  lane.dgram.on("message", ((packet: Buffer) => {
    packets.push(packet);
    notify(packet);
  }) as (...values: never[]) => void);
  lane.begin((why) => troubles.push(why));
  return {
    packets,
    troubles,
    heard: () =>
      new Promise((resolve) => {
        notify = resolve;
      }),
  };
}

test("lane(): the answer to what was asked is handed on, byte for byte", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  device.say(community(), await device.asked());
  expect((await ear.heard()).equals(community())).toBe(true);
  expect(lane.end()).toEqual({ bytes: community().length });
});

/** Each is sent before the right answer, which shows that it was passed over. */
test.each<[string, Buffer, string]>([
  ["noise", Buffer.from("noise"), "not a message"],
  ["another request id", community({ id: 8 }), "wrong id"],
  ["another community", community({}, 1, "private"), "wrong community"],
  ["a Report that answers version 2c", community({ tag: REPORT }), "wrong kind"],
])("lane(): %s from the asked device is dropped and named, and the right answer still counts", async (_name, hostile, refused) => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  const us = await device.asked();
  device.say(hostile, us);
  device.say(community(), us);
  await ear.heard();
  expect([ear.packets.length, ear.troubles]).toEqual([1, []]);
  expect(lane.end()).toEqual({ bytes: hostile.length + community().length, refused });
});

test("lane(): a plain answer to an authenticated question is dropped", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(usm({ tag: GET }, { flags: 5 }));
  const us = await device.asked();
  device.say(usm(), us);
  device.say(usm({}, { flags: 1 }), us);
  await ear.heard();
  expect([ear.packets.length, lane.end().refused]).toEqual([1, "weaker security"]);
});

test("lane(): the right answer from another port of the same device is a stray", async () => {
  const [device, other] = [await peer(), await peer()];
  const shared = sockets();
  const lane = shared.lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  const us = await device.asked();
  other.say(community(), us);
  device.say(community({}, 1), us);
  await ear.heard();
  expect([shared.strays(), ear.packets.length, lane.end().bytes]).toEqual([1, 1, community().length]);
});

test.skipIf(!manyAddresses)("lane(): the right answer from the same port of another address is a stray", async () => {
  const device = await peer();
  const impostor = await peer("127.0.0.2", device.port);
  const shared = sockets();
  const lane = shared.lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  const us = await device.asked();
  impostor.say(community(), us);
  device.say(community(), us);
  await ear.heard();
  expect([shared.strays(), ear.packets.length]).toEqual([1, 1]);
});

test("lane(): one answer is handed on once, and nothing after the end of the ask", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  const us = await device.asked();
  device.say(community(), us);
  await ear.heard();
  lane.end();
  device.say(community(), us);
  // The late packet comes during the next ask: it is no answer to that.
  lane.begin(() => undefined);
  lane.dgram.send(community({ tag: GET, id: 9 }));
  device.say(community({ id: 9 }), await device.asked());
  await ear.heard();
  // Nor does it speak against the device: one it never was asked by does.
  expect([ear.packets.length, lane.news().refused]).toEqual([2, undefined]);
  lane.dgram.send(community({ tag: GET, id: 10 }));
  const again = await device.asked();
  device.say(community({ id: 11 }), again);
  device.say(community({ id: 10 }), again);
  await ear.heard();
  expect([ear.packets.length, lane.news().refused]).toEqual([3, "wrong id"]);
});

test("lane(): a Report tells its counter", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const ear = listen(lane);
  lane.dgram.send(usm({ tag: GET }, { flags: 5 }));
  device.say(report(USM.window), await device.asked());
  await ear.heard();
  expect(lane.end()).toMatchObject({ report: USM.window });
});

test("lane(): where the library's parser throws, the ask learns of it and nothing else does", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const trouble = new Promise<Trouble>((resolve) => lane.begin(resolve));
  lane.dgram.on("message", () => {
    throw new Error("holds a passphrase");
  });
  lane.dgram.send(community({ tag: GET }));
  device.say(community(), await device.asked());
  expect(await trouble).toBe("library");
});

test("lane(): a second conversation with a device that is being asked is full, and the first goes on", async () => {
  const device = await peer();
  const shared = sockets();
  const [first, second] = [shared.lane("127.0.0.1", device.port), shared.lane("127.0.0.1", device.port)];
  const [ear, other] = [listen(first), listen(second)];
  first.dgram.send(community({ tag: GET }));
  second.dgram.send(community({ tag: GET, id: 8 }));
  device.say(community(), await device.asked());
  await ear.heard();
  expect([other.troubles, device.heard.length]).toEqual([["full"], 1]);
});

test("lane(): more questions than may wait for an answer are full, not memory", async () => {
  const device = await peer();
  const lane = sockets().lane("127.0.0.1", device.port);
  const { troubles } = listen(lane);
  for (let id = 1; id <= 4_096; id++) lane.dgram.send(community({ tag: GET, id }));
  expect(troubles).toEqual([]);
  lane.dgram.send(community({ tag: GET, id: 5_000 }));
  expect(troubles).toEqual(["full"]);
  lane.end();
});

test("lane(): bytes that are no SNMP, a lane with no ask and a closed socket send nothing", async () => {
  const device = await peer();
  const shared = sockets();
  const lane = shared.lane("127.0.0.1", device.port);
  lane.dgram.send(community({ tag: GET, id: 1 }));
  listen(lane);
  lane.dgram.send(Buffer.from("noise"));
  lane.dgram.send(community({ tag: GET, id: 2 }));
  await device.asked();
  await shared.close();
  lane.dgram.send(community({ tag: GET, id: 3 }));
  expect(device.heard).toHaveLength(1);
});

test("lane(): an IPv6 address is the same in every spelling", async (context) => {
  const socket = createSocket("udp6");
  const bound = await new Promise<boolean>((resolve) => {
    socket.once("error", () => resolve(false));
    socket.bind(0, "::1", () => resolve(true));
  });
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  if (!bound) return context.skip("no IPv6 on this machine");
  socket.on("message", (_packet, from) => socket.send(community(), from.port, from.address));
  const lane = sockets().lane("0:0:0:0:0:0:0:1", socket.address().port);
  const ear = listen(lane);
  lane.dgram.send(community({ tag: GET }));
  expect((await ear.heard()).equals(community())).toBe(true);
});

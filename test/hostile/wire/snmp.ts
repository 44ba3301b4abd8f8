/** SNMP by both ways: GET of our own, walks through net-snmp behind the guard. Version 3 with the right keys is spoiled inside as well. */
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess, type SnmpClient } from "../../../protocols/snmp/client.ts";
import { answerPacket, honest, readRequest } from "../../protocols/snmp/agent.ts";
import { int, octets, oid, REPORT, report, scoped, tlv, USM, type Usm, varbind } from "../../protocols/snmp/messages.ts";
import {
  AUTH_PASSPHRASE,
  messageIdOf,
  PRIV_PASSPHRASE,
  readRequest3,
  type Suite,
  signed,
  USER,
  USUAL,
  wrapped,
} from "../../protocols/snmp/sealing.ts";
import { storyChance } from "./chance.ts";
import { endingOf, type Lane, type Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { openUdp } from "./udp.ts";

const SYSTEM = "1.3.6.1.2.1.1";
const COLUMN = "1.3.6.1.2.1.2.2.1.2";
const TABLE: ReadonlyMap<string, Buffer> = new Map([
  [`${SYSTEM}.1.0`, octets("Polycom Studio X50")],
  [`${SYSTEM}.2.0`, oid("1.3.6.1.4.1.13885.101.1")],
  [`${SYSTEM}.3.0`, int(123_456, 0x43)],
  [`${SYSTEM}.7.0`, int(72)],
  ...Array.from({ length: 30 }, (_, i) => [`${COLUMN}.${i + 1}`, octets(`port ${i + 1}`)] as const),
  ["1.3.6.1.2.1.4.20.1.1.10.0.0.1", tlv(0x40, Buffer.from([10, 0, 0, 1]))],
  ["1.3.6.1.2.1.31.1.1.1.6.1", tlv(0x46, Buffer.from("0000000123456789", "hex"))],
]);
export const NAMES = [...TABLE.keys(), `${SYSTEM}.99.0`];
const auth = { protocol: "sha", key: new Secret(AUTH_PASSPHRASE) } as const;
const key = new Secret(PRIV_PASSPHRASE);

/** Who asks, and what the peer must know to answer. */
export interface Way {
  readonly access: SnmpAccess;
  readonly level: 0 | 1 | 3;
  readonly suite: Suite;
}

const community = new Secret("public");
const user = { version: "3", user: USER } as const;
export const WAYS: readonly Way[] = [
  { access: { version: "1", community }, level: 0, suite: USUAL },
  { access: { version: "2c", community }, level: 0, suite: USUAL },
  { access: user, level: 0, suite: USUAL },
  { access: { ...user, auth }, level: 1, suite: USUAL },
  { access: { ...user, auth, priv: { protocol: "aes", key } }, level: 3, suite: USUAL },
  { access: { ...user, auth, priv: { protocol: "aes", key } }, level: 3, suite: USUAL },
];
const DES: Way = {
  access: { ...user, auth: { ...auth, protocol: "md5" }, priv: { protocol: "des", key } },
  level: 3,
  suite: { hash: "md5", cipher: "des" },
};

/** The answer of an honest agent, its PDU passed through `inside` before it is sealed; for version 3 the signed whole as well. */
export function answerTo(packet: Buffer, way: Way, story: Story): Buffer {
  if (way.access.version !== "3") return answerPacket(readRequest(packet), honest(TABLE, readRequest(packet)));
  const about = { privacy: way.level === 3, suite: way.suite };
  const asked = readRequest3(packet, about);
  if (asked.engine.length === 0) return report(USM.engine, { id: asked.id, boots: 1, user: "" }, asked.innerId);
  const request = readRequest(tlv(0x30, int(1), octets(""), asked.pdu));
  const { varbinds, status = 0 } = honest(TABLE, request);
  const header: Usm = { id: asked.id, flags: way.level, boots: 1, user: USER, digest: Buffer.alloc(way.level === 0 ? 0 : 12) };
  const late = asked.boots !== 1;
  const content = late
    ? { tag: REPORT, id: asked.innerId, varbinds: [varbind(`1.3.6.1.6.3.15.1.1.${USM.window}.0`, int(1, 0x41))] }
    : { id: asked.innerId, varbinds, status };
  const flags = late ? Math.min(1, way.level) : way.level;
  const message = story.inside(wrapped(story.inside(scoped(content)), { ...header, flags }, way.suite));
  return way.level === 0 ? message : signed(message, way.suite);
}

/** An engine that does not know the user: what the client remembers of it is forgotten. */
const unknownUser = (packet: Buffer): Buffer => {
  const id = messageIdOf(packet);
  return report(USM.user, { id, boots: 1, user: "" }, id);
};

type Ask = (client: SnmpClient, target: Parameters<SnmpClient["get"]>[0], story: Story) => Promise<string>;

const never = new AbortController().signal;

function snmpWire(ways: readonly Way[], replays: boolean, ask: Ask): Wire {
  return {
    shape: { messages: 3, contents: 4 },
    lanes: 32,
    replays,
    async openLane(_index, patienceMs): Promise<Lane> {
      let way = ways[0] as Way;
      let forgetting = false;
      const peer = await openUdp((packet, story) => {
        if (forgetting) return unknownUser(packet);
        try {
          return answerTo(packet, way, story);
        } catch {
          // Sealed for an engine that a spoiled message made up: not ours to read.
          return undefined;
        }
      });
      const random = storyChance(seededRandom(1));
      const settings = {
        clock: systemClock(),
        random,
        timeoutMs: patienceMs / 4,
        budget: { timeMs: patienceMs * 2, bytes: 400_000, items: 2_000 },
      };
      const kept = createSnmpClient(settings);
      return {
        async run(story) {
          way = ways[story.random.below(ways.length)] as Way;
          random.begin(story.seed);
          peer.story = story;
          // Keys are dear, so who has some stays; it is told to forget the engine. Others are new for each story.
          const known = way.access.version === "3";
          const client = known ? kept : createSnmpClient(settings);
          const target = { address: "127.0.0.1", port: peer.port, access: way.access };
          const ending = await ask(client, target, story);
          if (known) {
            peer.story = { ...story, pass: (bytes) => [{ act: "send", bytes }] };
            forgetting = true;
            await client.get(target, [NAMES[0] as string], never);
            await client.walk(target, SYSTEM, never);
            forgetting = false;
          } else await client.close();
          await peer.hangUp();
          return ending;
        },
        async close() {
          await kept.close();
          await peer.close();
        },
      };
    },
  };
}

export const snmpGet = snmpWire(WAYS, true, async (client, target, { random }) => {
  const oids = Array.from({ length: 1 + random.below(8) }, () => NAMES[random.below(NAMES.length)] as string);
  return endingOf(await client.get(target, oids, never));
});

export const snmpWalk = snmpWire([...WAYS, DES, DES], true, async (client, target, { random }) =>
  endingOf(await client.walk(target, [SYSTEM, COLUMN, "1.3.6.1.2.1"][random.below(3)] as string, never)),
);

/**
 * Many SNMPv3 engines in one process, each at an address of its own: SHA-1 and AES-128, honest, and quicker than who asks them.
 * Argument: how many. Source: RFC 3412, RFC 3414, RFC 3826.
 */
import { createSocket, type Socket } from "node:dgram";
import { createUsmKeys } from "../../protocols/snmp/keys.ts";
import { readOuter } from "../../protocols/snmp/reader.ts";
import { createDigest, createPrivacy } from "../../protocols/snmp/seal.ts";
import { type Asked, createNames, writeVersion3 } from "../../protocols/snmp/writer.ts";
import { endWithStdin } from "../child.ts";
import { AUTH_PASSPHRASE, addressOf, OIDS, PRIV_PASSPHRASE, USER } from "./snmp-plan.ts";

const count = Number(process.argv[2]);
const started = process.hrtime.bigint();
const secondsUp = (): number => Number((process.hrtime.bigint() - started) / 1_000_000_000n) + 100;
const BOOTS = 3;

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}
const int = (value: number, tag = 2): Buffer => {
  const body = Buffer.alloc(4);
  body.writeInt32BE(value | 0);
  return tlv(tag, body);
};
const octets = (value: string | Buffer): Buffer => tlv(4, Buffer.from(value));

/** The elements of a constructed one whose bytes are `packet`. */
function parts(packet: Buffer): { tag: number; body: Buffer; whole: Buffer }[] {
  const found = [];
  for (let at = 0; at < packet.length; ) {
    const first = packet[at + 1] as number;
    const long = first > 128 ? first - 128 : 0;
    const start = at + 2 + long;
    const end = start + (long === 0 ? first : packet.readUIntBE(at + 2, long));
    found.push({ tag: packet[at] as number, body: packet.subarray(start, end), whole: packet.subarray(at, end) });
    at = end;
  }
  return found;
}
const keys = createUsmKeys();
const value = octets("Videoconferencing Device");
const nameOf = createNames();
/** Every answer carries the same values: the engines must never be what is waited for. */
const BINDINGS = tlv(0x30, ...OIDS.map((oid) => tlv(0x30, tlv(6, (nameOf(oid) as Asked).name), value)));

function ivOf(boots: number, seconds: number, salt: Buffer): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(seconds, 4);
  salt.copy(iv, 8);
  return iv;
}

const NOTHING = Buffer.alloc(0);

function engineAt(index: number): (packet: Buffer) => Buffer {
  const engine = Buffer.from(`80007ed904${index.toString(16).padStart(12, "0")}`, "hex");
  const digest = createDigest("sha1", keys.localised("sha1", AUTH_PASSPHRASE, engine), 12);
  const privacy = createPrivacy(keys.localised("sha1", PRIV_PASSPHRASE, engine).subarray(0, 16));
  const head = { engine, boots: BOOTS, user: Buffer.from(USER) };
  let salts = 0;
  return (packet) => {
    const asked = readOuter(packet);
    if (asked === undefined || asked === "wrong version") throw new Error("no version 3 request");
    const seconds = secondsUp();
    if (asked.engine.length === 0) {
      const innerId = parts(parts(parts(asked.data)[0]!.body)[2]!.body)[0]!.whole;
      const counter = tlv(0x30, tlv(6, Buffer.from("2b060106030f01010400", "hex")), int(1, 0x41));
      const pdu = tlv(0xa8, innerId, int(0), int(0), tlv(0x30, counter));
      const scoped = tlv(0x30, octets(engine), octets(""), pdu);
      return writeVersion3({ ...head, id: asked.id, level: 0, seconds, user: NOTHING, digestBytes: 0, salt: NOTHING }, scoped).packet;
    }
    const scoped = privacy.decrypt(ivOf(asked.boots, asked.seconds, asked.salt), asked.data);
    const innerId = parts(parts(parts(scoped)[0]!.body)[2]!.body)[0]!.whole;
    const answer = tlv(0x30, octets(engine), octets(""), tlv(0xa2, innerId, int(0), int(0), BINDINGS));
    const salt = Buffer.alloc(8);
    salt.writeUInt32BE(++salts, 4);
    const secret = privacy.encrypt(ivOf(BOOTS, seconds, salt), answer);
    const written = writeVersion3({ ...head, id: asked.id, level: 3, seconds, digestBytes: 12, salt }, secret);
    written.packet.set(digest.of(written.packet), written.digestAt);
    return written.packet;
  };
}

async function bind(index: number, port: number): Promise<Socket> {
  const answer = engineAt(index);
  const socket = createSocket("udp4");
  socket.on("message", (packet, from) => socket.send(answer(packet), from.port, from.address));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, addressOf(index), resolve);
  });
  return socket;
}

const first = await bind(0, 0);
const { port } = first.address();
for (let index = 1; index < count; index++) await bind(index, port);
endWithStdin();
process.stdout.write(`${JSON.stringify({ port })}\n`);

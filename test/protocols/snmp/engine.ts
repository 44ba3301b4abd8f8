/**
 * A version 3 agent for tests with HMAC-SHA1-96 or HMAC-MD5-96, AES-128 or DES, able to misbehave. Source: RFC 3414, 3, 6 and 8; RFC 3826, 3.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { createSocket, type RemoteInfo } from "node:dgram";
import { onTestFinished } from "vitest";
import { ENGINE, int, octets, REPORT, report, SYS_DESCR, scoped, USM, type Usm, usm, varbind } from "./messages.ts";

export const USER = "agent";
export const AUTH_PASSPHRASE = "authentication-1";
export const PRIV_PASSPHRASE = "privacy-secret-1";

/** The algorithms of its one user. */
export interface Suite {
  readonly hash: "sha1" | "md5";
  readonly cipher: "aes" | "des";
}
export const USUAL: Suite = { hash: "sha1", cipher: "aes" };

/** RFC 3414, A.2. */
function keyOf(passphrase: string, { hash }: Suite): Buffer {
  const master = createHash(hash).update(Buffer.alloc(1_048_576, passphrase)).digest();
  return createHash(hash).update(master).update(ENGINE).update(master).digest();
}

/** Algorithm, key and start of one message's cipher. DES is its triple form with equal keys, which OpenSSL still has. */
function cipherOf(suite: Suite, salt: Buffer, at: { readonly boots: number; readonly seconds: number }): [string, Buffer, Buffer] {
  const key = keyOf(PRIV_PASSPHRASE, suite);
  if (suite.cipher === "des") {
    const des = key.subarray(0, 8);
    return ["des-ede3-cbc", Buffer.concat([des, des, des]), Buffer.from(salt.map((octet, i) => octet ^ (key[8 + i] as number)))];
  }
  const iv = Buffer.concat([Buffer.alloc(8), salt]);
  iv.writeUInt32BE(at.boots, 0);
  iv.writeUInt32BE(at.seconds, 4);
  return ["aes-128-cfb", key.subarray(0, 16), iv];
}

/** What one request says. */
export interface Asked3 {
  readonly id: number;
  readonly flags: number;
  readonly engine: Buffer;
  readonly boots: number;
  readonly seconds: number;
  readonly user: string;
  /** Request id of the PDU, where it could be read. */
  readonly innerId: number;
}

/** Fields in a row, entering constructed ones that `path` names. Our own client's requests are well formed. */
function fields(packet: Buffer): { readonly tag: number; readonly body: Buffer; readonly at: number }[] {
  const out = [];
  for (let at = 0; at < packet.length; ) {
    const first = packet[at + 1] as number;
    const long = first > 128 ? first - 128 : 0;
    const length = long === 0 ? first : packet.readUIntBE(at + 2, long);
    const start = at + 2 + long;
    out.push({ tag: packet[at] as number, body: packet.subarray(start, start + length), at: start });
    at = start + length;
  }
  return out;
}

const inside = (packet: Buffer, index: number): Buffer => (fields(packet)[index] as { body: Buffer }).body;
const number = (body: Buffer): number => body.readUIntBE(0, body.length);

export interface Engine {
  readonly port: number;
  readonly asked: Asked3[];
  boots: number;
  /** What its clock shows; it stands still. */
  seconds: number;
  close(): Promise<void>;
}

export interface EngineScript {
  readonly privacy?: boolean;
  readonly suite?: Suite;
  /** The usmStats counter it makes itself known by; without it unknownEngineIDs. */
  readonly hello?: number;
  /** Instead of the honest answer: a packet of one's own, or silence. */
  readonly answer?: (
    asked: Asked3,
    honest: (varbinds?: readonly Buffer[]) => Buffer,
    /** Whatever it is given in place of encrypted content, under an honest digest. */
    noise: (secret: Buffer) => Buffer,
  ) => Buffer | undefined;
}

/** An authenticated message, encrypted where `privacy`; the digest goes where twelve zeros stood. */
function sealed(asked: Asked3, clock: Pick<Engine, "boots" | "seconds">, script: EngineScript, varbinds: readonly Buffer[]): Buffer {
  const suite = script.suite ?? USUAL;
  const { boots, seconds } = clock;
  const content = { id: asked.innerId, varbinds };
  const header: Usm = { id: asked.id, flags: script.privacy === true ? 3 : 1, boots, seconds, user: USER, digest: Buffer.alloc(12) };
  let packet = usm(content, header);
  if (script.privacy === true) {
    const salt = Buffer.alloc(8, 5);
    const cipher = createCipheriv(...cipherOf(suite, salt, { boots, seconds }));
    packet = usm(content, { ...header, salt, secret: Buffer.concat([cipher.update(scoped(content)), cipher.final()]) });
  }
  return signed(packet, suite);
}

function signed(packet: Buffer, suite: Suite): Buffer {
  const at = packet.indexOf(Buffer.concat([Buffer.from([4, 12]), Buffer.alloc(12)])) + 2;
  createHmac(suite.hash, keyOf(AUTH_PASSPHRASE, suite)).update(packet).digest().copy(packet, at, 0, 12);
  return packet;
}

function read(packet: Buffer, { privacy, suite = USUAL }: EngineScript): Asked3 {
  const message = inside(packet, 0);
  const [id, , flags] = fields(inside(message, 1)).map(({ body }) => body);
  const [engine, boots, seconds, user, , salt] = fields(inside(inside(message, 2), 0)).map(({ body }) => body);
  if (!id || !flags || !engine || !boots || !seconds || !user || !salt) throw new Error("no version 3 request");
  let content = fields(message)[3] as { tag: number; body: Buffer };
  if (content.tag === 4 && privacy === true) {
    const opener = createDecipheriv(...cipherOf(suite, salt, { boots: number(boots), seconds: number(seconds) })).setAutoPadding(false);
    content = { tag: 0x30, body: inside(Buffer.concat([opener.update(content.body), opener.final()]), 0) };
  }
  const innerId = number(inside(inside(content.body, 2), 0));
  return {
    id: number(id),
    flags: flags[0] as number,
    engine,
    boots: number(boots),
    seconds: number(seconds),
    user: user.toString(),
    innerId,
  };
}

/** Starts on 127.0.0.1: makes its engine known, insists on its boot count, answers GET of sysDescr. */
export async function startEngine(script: EngineScript = {}): Promise<Engine> {
  const socket = createSocket("udp4");
  const engine: Engine = {
    port: 0,
    asked: [],
    boots: 1,
    seconds: 10,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  const reply = (packet: Buffer): Buffer | undefined => {
    const asked = read(packet, script);
    engine.asked.push(asked);
    const known = { id: asked.id, boots: engine.boots, seconds: engine.seconds };
    if (asked.engine.length === 0) return report(script.hello ?? USM.engine, { ...known, user: "" }, asked.innerId);
    const honest = (varbinds: readonly Buffer[] = [varbind(SYS_DESCR, octets("Polycom"))]): Buffer =>
      sealed(asked, engine, script, varbinds);
    const noise = (secret: Buffer): Buffer =>
      signed(
        usm({ id: 0, varbinds: [] }, { ...known, flags: 3, user: USER, digest: Buffer.alloc(12), salt: Buffer.alloc(8, 5), secret }),
        script.suite ?? USUAL,
      );
    if (script.answer !== undefined) return script.answer(asked, honest, noise);
    return asked.boots === engine.boots ? honest() : timeReport(asked, engine.boots);
  };
  socket.on("message", (packet: Buffer, from: RemoteInfo) => {
    const answer = reply(packet);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => engine.close());
  return Object.assign(engine, { port: socket.address().port });
}

/** notInTimeWindows, authenticated as RFC 3414, 3.2 (7) demands. */
function timeReport(asked: Asked3, boots: number): Buffer {
  const varbinds = [varbind(`1.3.6.1.6.3.15.1.1.${USM.window}.0`, int(1, 0x41))];
  const header: Usm = { id: asked.id, flags: 1, boots, user: USER, digest: Buffer.alloc(12) };
  return signed(usm({ tag: REPORT, id: asked.innerId, varbinds }, header), USUAL);
}

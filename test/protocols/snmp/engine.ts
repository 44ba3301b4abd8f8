/**
 * A version 3 agent for tests, able to misbehave. Source: RFC 3414, 3.
 */
import { createSocket, type RemoteInfo } from "node:dgram";
import { onTestFinished } from "vitest";
import { int, octets, REPORT, report, SYS_DESCR, scoped, USM, type Usm, usm, varbind } from "./messages.ts";
import { type Asked3, readRequest3, type Suite, signed, USER, USUAL, wrapped } from "./sealing.ts";

export { type Asked3, AUTH_PASSPHRASE, PRIV_PASSPHRASE, type Suite, USER } from "./sealing.ts";

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

/** An authenticated message, encrypted where `privacy`. */
function sealed(asked: Asked3, clock: Pick<Engine, "boots" | "seconds">, script: EngineScript, varbinds: readonly Buffer[]): Buffer {
  const suite = script.suite ?? USUAL;
  const { boots, seconds } = clock;
  const header: Usm = { id: asked.id, flags: script.privacy === true ? 3 : 1, boots, seconds, user: USER, digest: Buffer.alloc(12) };
  return signed(wrapped(scoped({ id: asked.innerId, varbinds }), header, suite), suite);
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
    const asked = readRequest3(packet, script);
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

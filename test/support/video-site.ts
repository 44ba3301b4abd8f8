/**
 * A site of a few video systems on real loopback sockets, with a clock that moves when told.
 */
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { createCertificates } from "../../fixtures/site/certificate.ts";
import type { DeviceKind, SimDevice, Site } from "../../fixtures/site/device.ts";
import { createJournal, type JournalEntry } from "../../fixtures/site/journal.ts";
import { openListeners } from "../../fixtures/site/listeners.ts";
import { planSecrets } from "../../fixtures/site/plan.ts";
import { type Draft, makeDevice } from "../../fixtures/site/plan-device.ts";
import { renewedCertificates } from "../../fixtures/site/renewed-certificates.ts";
import { makeVideoSystems, VIDEO_TIMES, type VideoSystem } from "../../fixtures/site/video-system.ts";
import { videoWires } from "../../fixtures/site/video-wires.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type ManualClock, manualClock } from "../../protocols/core/time.ts";

/** A Monday noon in UTC. */
export const NOON_MS = 1_750_075_200_000;

const USUAL: Readonly<Partial<Record<DeviceKind, Partial<Draft>>>> = {
  studio: { model: "StudioX50", running: "4.1.0", build: "383250", serial: "8L21A0AABB01FD" },
  group: { model: "RealPresence Group 500", running: "6.2.2.8", build: "670021", serial: "8213AAAABB01CV" },
  hdx: { model: "HDX 8000 HD", running: "3.1.14", build: "56008", serial: "82139AAABB01CV" },
  panel: { model: "TC8", running: "4.1.0", build: "210812", serial: "8L21A0AABB02FD" },
  mcu: { model: "RMX 1500", running: "8.4.0.100", build: "" },
};

/** One device as its kind usually is, unless the draft says otherwise. */
export function videoDevice(kind: DeviceKind, draft: Partial<Draft> = {}): SimDevice {
  const place = { name: "Room 700", room: "Room 700", floor: "2", duties: [] };
  const usual = { mac: "00e0dbaabb01", model: "", partNumber: "", running: "", address: "127.60.0.1" };
  const lines = [{ number: "700", address: "700@pbx.example", registered: true }];
  const peripherals = kind === "panel" || kind === "mcu" ? [] : ["Camera", "Microphone"];
  return makeDevice({ ...place, ...usual, kind, lines, peripherals, ...USUAL[kind], ...draft }, NOON_MS, seededRandom(5));
}

export interface VideoSite {
  readonly site: Site;
  readonly clock: ManualClock;
  systemOf(device: SimDevice): VideoSystem;
  journal(): readonly JournalEntry[];
  /** What the journal says happened, with its detail after a colon. */
  told(): readonly string[];
  close(): Promise<void>;
}

export async function openVideoSite(devices: readonly SimDevice[], provisioningUrl?: string): Promise<VideoSite> {
  const clock = manualClock(NOON_MS);
  const journal = createJournal(clock);
  const stop = new AbortController();
  const ports = { https: 0, http: 0, ssh: 0, telnet: 0, sip: 0, snmp: 0 };
  const site: Site = {
    seed: 5,
    clock,
    random: seededRandom(6),
    devices,
    byAddress: new Map(devices.map((device) => [device.address, device])),
    secrets: planSecrets(5),
    ports,
    journal: (entry) => journal.write(entry),
    reboot: (device, why) => videos.get(device.mac)?.restart(why),
    provisioningUrl,
    stop: stop.signal,
  };
  const videos = makeVideoSystems({ site, times: VIDEO_TIMES, cut: (device) => listeners.cut(device) });
  const wires = { ...videoWires(site), contextOf: renewedCertificates(() => createCertificates(() => clock.nowMs())), sip: () => [] };
  const listeners = await openListeners(site, ports, wires);
  for (const video of videos.values()) video.start();
  return {
    site,
    clock,
    systemOf: (device) => videos.get(device.mac) as VideoSystem,
    journal: () => journal.entries(),
    told: () => journal.entries().map(({ what, detail }) => (detail === undefined ? what : `${what}: ${detail}`)),
    async close() {
      stop.abort();
      await listeners.close();
    },
  };
}

export interface Line {
  send(text: string): void;
  /** All that came since the last call, up to and with `end`; rejects when the link ends before. */
  until(end: string): Promise<string>;
  /** All that came, once the other side has hung up. */
  ended(): Promise<string>;
  close(): void;
}

/** A plain text conversation over anything that looks like a socket. */
export function lineOver(socket: Duplex): Line {
  let heard = "";
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("utf8");
    wake();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isOver = true;
    wake();
  });
  const when = (ready: () => string | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = ready();
        if (found === undefined && !isOver) return;
        waiting.delete(check);
        if (found === undefined) reject(new Error(`the link ended after ${JSON.stringify(heard)}`));
        else resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    send: (text) => void socket.write(text),
    until: (end) =>
      when(() => {
        const at = heard.indexOf(end);
        if (at < 0) return undefined;
        const found = heard.slice(0, at + end.length);
        heard = heard.slice(at + end.length);
        return found;
      }),
    ended: () => when(() => (isOver ? heard : undefined)),
    close: () => void socket.destroy(),
  };
}

/** A telnet conversation, nothing said yet. */
export function telnetTo({ site }: VideoSite, device: SimDevice): Line {
  return lineOver(connect(site.ports.telnet, device.address));
}

export interface WebAsk {
  readonly method?: string;
  readonly path: string;
  /** Sent as JSON unless it is a text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isPlain?: boolean;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** One HTTP exchange on a connection of its own; status 0 where there was none. */
export function webAsk({ site }: VideoSite, device: SimDevice, ask: WebAsk): Promise<WebAnswer> {
  const body = ask.body === undefined ? undefined : typeof ask.body === "string" ? ask.body : JSON.stringify(ask.body);
  const headers = { ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }), ...ask.headers };
  const options = { host: device.address, method: ask.method ?? "GET", path: ask.path, agent: false as const, headers };
  return new Promise((resolve) => {
    const take = (answer: IncomingMessage): void => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    };
    const request = ask.isPlain
      ? httpRequest({ ...options, port: site.ports.http }, take)
      : httpsRequest({ ...options, port: site.ports.https, rejectUnauthorized: false }, take);
    request.on("error", () => resolve({ status: 0, headers: {}, text: "" }));
    request.end(body);
  });
}

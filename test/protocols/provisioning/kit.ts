/** A provisioning endpoint on loopback with a depot and an upload folder of its own, and a phone that sends what it is told. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import { type Endpoint, type EndpointOptions, openEndpoint } from "../../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import type { Offer } from "../../../protocols/provisioning/offers.ts";
import { openUploads, type UploadCaps } from "../../../protocols/provisioning/uploads.ts";

export const MAC = "64167faabbcc" as Mac;
export const OTHER_MAC = "64167fddeeff" as Mac;
export const PART = "3111-48450-001";
export const TOKEN = "attempt-1";
export const CAPS: UploadCaps = { logBytes: 1_000, overrideBytes: 500, totalBytes: 4_000, files: 10 };

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "endpoint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Bench {
  readonly endpoint: Endpoint;
  readonly events: EndpointEvent[];
  readonly clock: ManualClock;
  readonly uploadFolder: string;
  readonly image: Buffer;
  /** An offer of the image, not yet made. */
  readonly offer: (more?: Partial<Offer>) => Offer;
  /** What was told, without check-ins. */
  readonly told: () => readonly EndpointEvent[];
  readonly uploaded: () => readonly string[];
}

export async function openBench(more: Partial<EndpointOptions> = {}, imageBytes = 1_000): Promise<Bench> {
  const folder = temporaryFolder();
  const uploadFolder = join(folder, "uploads");
  const image = Buffer.alloc(imageBytes, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
  const imagePath = join(folder, "image");
  writeFileSync(imagePath, image);
  const events: EndpointEvent[] = [];
  const clock = manualClock(Date.UTC(2026, 10, 22, 12));
  const endpoint = await openEndpoint({
    host: "127.0.0.1",
    port: 0,
    uploads: await openUploads(uploadFolder, CAPS),
    clock,
    onEvent: (event) => void events.push(event),
    ...more,
  });
  onTestFinished(() => endpoint.close());
  const offer = (change: Partial<Offer> = {}): Offer => ({
    token: TOKEN,
    mac: MAC,
    imageName: "sip.ld",
    partNumbers: [PART],
    imagePath,
    sizeBytes: image.length,
    sha256: "0f".repeat(32) as Sha256,
    ...change,
  });
  const told = (): EndpointEvent[] => events.filter((event) => event.kind !== "checkIn");
  return { endpoint, events, clock, uploadFolder, image, offer, told, uploaded: () => readdirSync(uploadFolder).toSorted() };
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface PhoneAsk {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

/** Sends bytes as they are on a connection of their own and gives all that came back until it was closed. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(bytes));
    const pieces: Buffer[] = [];
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(Buffer.concat(pieces)));
  });
}

export function readAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  const [first = "", ...lines] = bytes.subarray(0, Math.max(0, end)).toString("latin1").split("\r\n");
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]));
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: bytes.subarray(end + 4) };
}

/** One request with the target exactly as written; the connection is closed after it. */
export async function phone(bench: Bench, target: string, ask: PhoneAsk = {}): Promise<Answer> {
  const body = Buffer.from(ask.body ?? "");
  const length = ask.body === undefined ? [] : [`Content-Length: ${body.length}`];
  const head = [`${ask.method ?? "GET"} ${target} HTTP/1.1`, "Host: x", "Connection: close", ...length, ...(ask.headers ?? []), "", ""];
  return readAnswer(await sendRaw(bench.endpoint.port, Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), body])));
}

/** How often this process has the file open. */
export const openFiles = (path: string): number =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  }).length;

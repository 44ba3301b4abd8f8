/** Phones and worse in front of our provisioning endpoint: spoiled, slow and smuggling requests. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { type Clock, HOUR, manualClock, realAlarm, realSleep } from "../../../protocols/core/time.ts";
import { type Endpoint, openEndpoint } from "../../../protocols/provisioning/endpoint.ts";
import type { EndpointEvent } from "../../../protocols/provisioning/exchange.ts";
import { openUploads } from "../../../protocols/provisioning/uploads.ts";
import { MAC, PART, type PhoneRequest, REQUESTS, SMUGGLED_MAC, TOKEN } from "./phone-requests.ts";
import type { Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { perform } from "./tcp.ts";

const IMAGE = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 251));
/** What a request may be answered; every 5xx but these is a mistake of ours. */
const OWN_5XX = ["501", "505", "507"];

/** Turns in which a second answer would have come. */
const TURNS_TO_SAY_MORE = 6;

/** A broken upload is cleared away within this time on a busy machine. */
const END_MS = 5_000;

/** Told by the endpoint during one story. */
function broken(events: readonly EndpointEvent[], story: Story, request: PhoneRequest): string | undefined {
  for (const event of events) {
    if (event.kind === "bug") return `the endpoint's own mistake: ${String(event.error)}`;
    // A spoiled length may turn the rest of a request into an honest one; an unspoiled one may not.
    if (event.kind === "upload" && event.mac === SMUGGLED_MAC && story.honest && request.smuggles) return "a smuggled request was served";
  }
  return undefined;
}

/** Several senders; no more than the endpoint remembers, or what it remembers would grow until it is full. */
const addressOf = ({ seed }: Story): string => `127.16.0.${1 + (seed % 50)}`;

/** Sends a request and gives all that came back, until the endpoint closes, or has answered and nothing follows. */
function send(port: number, story: Story, how: { readonly request: PhoneRequest; readonly patienceMs: number }): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const leaves = story.random.below(3) > 0;
    let said = false;
    const socket = connect({ port, host: "127.0.0.1", localAddress: addressOf(story), noDelay: true }, async () => {
      for (const message of how.request.messages) await perform(socket, story.pass(Buffer.from(message, "latin1")));
      said = true;
      if (leaves && socket.writable) socket.end();
    });
    const gone = realAlarm(how.patienceMs * 3, () => socket.destroy());
    socket.on("data", async (piece: Buffer) => {
      pieces.push(piece);
      for (let left = TURNS_TO_SAY_MORE; left > 0; left--) await turn();
      if (said) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      gone();
      resolve(Buffer.concat(pieces).toString("latin1"));
    });
  });
}

const statusesOf = (text: string): readonly string[] => [...text.matchAll(/^HTTP\/1\.1 (\d\d\d) /gm)].map((match) => match[1] as string);

async function openOffered(folder: string, clock: Clock, told: (event: EndpointEvent) => void, patienceMs: number): Promise<Endpoint> {
  const imagePath = join(folder, "image");
  writeFileSync(imagePath, IMAGE);
  const endpoint = await openEndpoint({
    host: "127.0.0.1",
    port: 0,
    uploads: await openUploads(join(folder, "uploads"), { logBytes: 1_000, overrideBytes: 500, totalBytes: 4_000, files: 100 }),
    clock,
    onEvent: told,
    limits: { headersMs: patienceMs * 2, idleMs: patienceMs * 2, requestMs: patienceMs * 2 },
  });
  const offer = { token: TOKEN, mac: MAC as Mac, imageName: "sip.ld", partNumbers: [PART], imagePath, sizeBytes: IMAGE.length };
  endpoint.offer({ ...offer, sha256: "0f".repeat(32) as Sha256 });
  return endpoint;
}

/** The folder holds whole files under our own names and, once what was under way has ended, nothing else. */
async function strayIn(folder: string): Promise<string | undefined> {
  const partial = (): boolean => readdirSync(join(folder, "uploads")).some((name) => name.endsWith(".part"));
  for (let waitedMs = 0; waitedMs < END_MS && partial(); waitedMs += 5) await realSleep(5);
  return readdirSync(join(folder, "uploads")).find((name) => !/^[0-9a-f]{12}-(?:boot\.log|app\.log|phone\.cfg|web\.cfg)$/.test(name));
}

export const provisioning: Wire = {
  shape: { messages: 2, contents: 0 },
  lanes: 12,
  replays: true,
  async openLane(_index, patienceMs) {
    const folder = mkdtempSync(join(tmpdir(), "endpoint-"));
    let events: EndpointEvent[] = [];
    const clock = manualClock(Date.UTC(2026, 10, 28));
    const endpoint = await openOffered(folder, clock, (event) => void events.push(event), patienceMs);
    return {
      async run(story) {
        // A refusal an hour ago is forgotten: no sender is a flood.
        await clock.advance(HOUR);
        events = [];
        const request = REQUESTS[story.random.below(REQUESTS.length)] as PhoneRequest;
        const statuses = statusesOf(await send(endpoint.port, story, { request, patienceMs }));
        const promise = broken(events, story, request);
        if (promise !== undefined) throw new Error(promise);
        const bad = statuses.find((status) => status.startsWith("5") && !OWN_5XX.includes(status));
        if (bad !== undefined) throw new Error(`the endpoint answered ${bad}`);
        return statuses[0] ?? "closed";
      },
      async close() {
        await endpoint.close();
        const stray = await strayIn(folder);
        rmSync(folder, { recursive: true, force: true });
        if (stray !== undefined) throw new Error(`"${stray}" was left behind`);
      },
    };
  },
};

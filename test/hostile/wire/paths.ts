/** Path tricks at our provisioning endpoint (G15): no byte from outside what it serves, no file outside, no answer that says we broke. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Mac, Sha256 } from "../../../protocols/core/ids.ts";
import { systemRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { HOUR, manualClock, realAlarm, realSleep } from "../../../protocols/core/time.ts";
import { openEndpoint } from "../../../protocols/provisioning/endpoint.ts";
import { openUploads } from "../../../protocols/provisioning/uploads.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { trickPath } from "./path-tricks.ts";
import { MAC, PART, TOKEN } from "./phone-requests.ts";
import type { Wire } from "./run.ts";
import type { Story } from "./spoil.ts";
import { perform } from "./tcp.ts";

const OUTSIDE = "canary-outside";
const UPLOADED = "canary-uploaded";
/** Nothing of these is ever the endpoint's to give. The last is of /etc/passwd. */
const LEAKS = [OUTSIDE, UPLOADED, "root:x:0:"];
const IMAGE = "image ".repeat(100);
const METHODS = ["GET", "GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND", "MOVE"];
const OWN_FILES =
  /^(?:canary|image|uploads|uploads\/[0-9a-f]{12}-(?:boot\.log|app\.log|phone\.cfg|web\.cfg)(?:\..*part)?|uploads\/.*\.part)$/;
const server = makeCertificate("CN=provisioning");
/** Every fourth lane is over TLS, with what that brings. */
const isSecure = (index: number): boolean => index % 4 === 3;
/** A broken upload is cleared away within this time on a busy machine. */
const END_MS = 5_000;

interface Place {
  readonly port: number;
  readonly secure: boolean;
  readonly patienceMs: number;
}

function requestOf(story: Story, folder: string): Buffer {
  const { random } = story;
  const method = METHODS[random.below(METHODS.length)] as string;
  const body = method === "PUT" ? "leave me outside" : "";
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const version = random.below(20) === 0 ? "HTTP/1.0" : "HTTP/1.1";
  const host = random.below(10) === 0 ? `Host: ../../${OUTSIDE}` : "Host: x";
  const head = [`${method} ${trickPath(random, folder)} ${version}`, host, "Connection: close", ...length, "", ""].join("\r\n");
  return Buffer.from(head + body, "latin1");
}

/** One request; all that came back until the connection ended. */
function send({ port, secure, patienceMs }: Place, story: Story, request: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const where = { port, host: "127.0.0.1", localAddress: `127.17.0.${1 + (story.seed % 50)}`, noDelay: true };
    const speak = async (socket: Socket): Promise<void> => {
      await perform(socket, story.pass(request));
      if (!secure && socket.writable) socket.end();
    };
    const socket: Socket = secure
      ? connectTls({ ...where, rejectUnauthorized: false }, () => void speak(socket))
      : connect(where, () => void speak(socket));
    const gone = realAlarm(patienceMs * 3, () => socket.destroy());
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      gone();
      resolve(Buffer.concat(pieces).toString("latin1"));
    });
  });
}

function broken(answers: string): string | undefined {
  const leak = LEAKS.find((one) => answers.includes(one));
  if (leak !== undefined) return `the endpoint gave away "${leak}"`;
  const status = /^HTTP\/1\.1 (5\d\d) /m.exec(answers)?.[1];
  return status === undefined ? undefined : `the endpoint answered ${status}`;
}

/** A name that nobody but a trick could have made, in the folder or beside it. */
function strayIn(parent: string): string | undefined {
  const beside = readdirSync(parent).find((name) => name !== "site");
  return beside ?? (readdirSync(join(parent, "site"), { recursive: true }) as string[]).find((name) => !OWN_FILES.test(name));
}

export const paths: Wire = {
  // A quarter of the requests is spoiled besides: most tricks arrive as they are meant.
  shape: { messages: 4, contents: 0 },
  lanes: 8,
  replays: true,
  async openLane(index, patienceMs) {
    // The same name each time: it is part of what is sent.
    const parent = join(tmpdir(), `paths-${process.pid}-${index}`);
    const folder = join(parent, "site");
    mkdirSync(join(folder, "uploads"), { recursive: true });
    writeFileSync(join(folder, "canary"), OUTSIDE);
    writeFileSync(join(folder, "image"), IMAGE);
    writeFileSync(join(folder, "uploads", `${MAC}-boot.log`), UPLOADED);
    const clock = manualClock(Date.UTC(2026, 10, 29));
    let bug: unknown;
    const endpoint = await openEndpoint({
      ...{ host: "127.0.0.1", port: 0, clock },
      uploads: await openUploads(join(folder, "uploads"), { logBytes: 1_000, overrideBytes: 500, totalBytes: 4_000, files: 100 }),
      limits: { headersMs: patienceMs * 2, idleMs: patienceMs * 2, requestMs: patienceMs * 2 },
      onEvent: (event) => {
        if (event.kind === "bug") bug = event.error;
      },
      door: { random: systemRandom(), knows: (mac) => mac === MAC },
      ...(isSecure(index)
        ? { tls: { port: 0, certificate: server.cert, key: new Secret(server.key), oldClients: false, clientCertificates: "ask" as const } }
        : {}),
    });
    const offer = { token: TOKEN, mac: MAC as Mac, imageName: "sip.ld", partNumbers: [PART], imagePath: join(folder, "image") };
    endpoint.offer({ ...offer, sizeBytes: IMAGE.length, sha256: "0f".repeat(32) as Sha256 });
    const { securePort } = endpoint;
    const place: Place = { port: securePort ?? endpoint.port, secure: securePort !== undefined, patienceMs };
    return {
      async run(story) {
        // A refusal an hour ago is forgotten: no sender is a flood.
        await clock.advance(HOUR);
        const answers = await send(place, story, requestOf(story, folder));
        const promise = bug === undefined ? (broken(answers) ?? strayIn(parent)) : `the endpoint's own mistake: ${String(bug)}`;
        if (promise !== undefined) throw new Error(promise);
        return /^HTTP\/1\.1 (\d\d\d) /.exec(answers)?.[1] ?? "closed";
      },
      async close() {
        await endpoint.close();
        for (
          let waitedMs = 0;
          waitedMs < END_MS && readdirSync(join(folder, "uploads")).some((name) => name.endsWith(".part"));
          waitedMs += 5
        ) {
          await realSleep(5);
        }
        const stray = strayIn(parent);
        rmSync(parent, { recursive: true, force: true });
        if (stray !== undefined) throw new Error(`"${stray}" was left`);
      },
    };
  },
};

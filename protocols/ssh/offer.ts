/**
 * What an SSH server can do, from its first message alone: read before any key is agreed on and any name is told.
 * Source: RFC 4253 4.2, 6 and 7.1.
 */
import type { Socket } from "node:net";
import { faultOfAbort } from "../core/abort.ts";
import { overBudget, SSH_BUDGET } from "../core/budget.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";

/** Names as the server lists them, in its order of preference; `cipher` and `mac` are those towards the server. */
export interface SshOffer {
  readonly kex: readonly string[];
  readonly hostKey: readonly string[];
  readonly cipher: readonly string[];
  readonly mac: readonly string[];
}

/** RFC 4253 6.1: every implementation takes packets of this size; greeting lines before it included, none is larger. */
const OFFER_BYTES = 35_000;
const KEXINIT = 20;
const COOKIE_BYTES = 16;
const IDENTIFICATION = "SSH-2.0-groundswell\r\n";
const GARBLED: Fault = { kind: "garbled", via: "ssh", wanted: "an SSH key exchange" };

/** Says who we are, waits for the list, and says no more. The caller closes the socket. */
export function readOffer(socket: Socket, cut: { readonly parent: AbortSignal; readonly limited: AbortSignal }): Promise<Result<SshOffer>> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const end = (fault: Fault): void => resolve(fail(fault));
    const cutOff = (): void => end(faultOfAbort("ssh", { parent: cut.parent, budget: SSH_BUDGET, heard: bytes.length > 0 }));
    cut.limited.addEventListener("abort", cutOff, { once: true });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end({ kind: "unreachable", via: "ssh", ...(error.code === undefined ? {} : { detail: error.code }) }),
    );
    socket.on("close", () => end({ kind: "unreachable", via: "ssh", detail: "closed during the handshake" }));
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const read = parseOffer(bytes);
      if (read === "more") {
        if (bytes.length > OFFER_BYTES) end(overBudget("ssh", "bytes", OFFER_BYTES));
        return;
      }
      resolve(read === undefined ? fail(GARBLED) : ok(read));
    });
    socket.write(IDENTIFICATION);
  });
}

/** A greeting before the identification; more is nobody's, and each piece that comes is read from its beginning. A guess. */
const GREETING_LINES = 32;

/** @returns `more` while the first packet is not complete, `undefined` where it is no key exchange */
export function parseOffer(bytes: Buffer): SshOffer | "more" | undefined {
  const packet = afterIdentification(bytes);
  if (packet === undefined || packet === "more") return packet;
  if (packet.length < 6) return "more";
  const length = packet.readUInt32BE(0);
  if (length < 2 + COOKIE_BYTES || length > OFFER_BYTES) return undefined;
  if (packet.length < 4 + length) return "more";
  const padding = packet[4] ?? 0;
  const payload = packet.subarray(5, 4 + length - padding);
  if (payload[0] !== KEXINIT) return undefined;
  const lists = nameLists(payload.subarray(1 + COOKIE_BYTES), 6);
  if (lists === undefined) return undefined;
  const [kex = [], hostKey = [], cipher = [], , mac = []] = lists;
  return { kex, hostKey, cipher, mac };
}

/** What follows the line that begins with `SSH-`; some other lines may stand before it. */
function afterIdentification(bytes: Buffer): Buffer | "more" | undefined {
  let start = 0;
  let lines = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    const line = bytes.toString("latin1", start, end);
    start = end + 1;
    if (line.startsWith("SSH-")) return bytes.subarray(start);
    if (++lines > GREETING_LINES) return undefined;
  }
  return "more";
}

function nameLists(bytes: Buffer, count: number): (readonly string[])[] | undefined {
  const lists: (readonly string[])[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const text = bytes.toString("latin1", at + 4, end);
    lists.push(text === "" ? [] : text.split(","));
    at = end;
  }
  return lists;
}

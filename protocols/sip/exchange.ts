/**
 * Sends SIP requests over UDP and waits for their final answers: retransmission, source check, time limit. One shared
 * socket per address family.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP, isIPv6, SocketAddress } from "node:net";
import { faultOfAbort } from "../core/abort.ts";
import { type Budget, budgetSignal } from "../core/budget.ts";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { parseSipResponse, SIP_MESSAGE_BYTES, type SipRequest, type SipResponse, viaParameter, writeSipRequest } from "./message.ts";

/** Whom to ask. `address` is a literal IP address. */
export interface SipTarget {
  readonly address: string;
  readonly port: number;
}

/** Sends one request and waits for its final answer; under `options` and `notify`. */
export interface SipExchange {
  readonly random: Random;
  /**
   * @returns the final answer whatever its status; `unreachable` after silence, `garbled` after unreadable text from the target,
   *   `overBudget` where only provisional answers came, `cancelled`
   */
  send(target: SipTarget, draft: SipDraft, signal: AbortSignal): Promise<Result<SipResponse>>;
  close(): Promise<void>;
}

/** A request without what the exchange itself adds: Via, Max-Forwards. */
export type SipDraft = SipRequest;

/** An ask whose answer is outstanding, by its branch. */
interface Waiting {
  readonly target: SipTarget;
  readonly draft: SipDraft;
  readonly answer: (response: SipResponse | "garbled" | "closed") => void;
}

/** RFC 3261 17.1.1.1: first retransmission after T1, doubled until T2. */
const T1_MS = 500;
const T2_MS = 4_000;
/** Four sendings (0, 0.5, 1.5, 3.5 s) and time for the last one's answer. */
export const SIP_BUDGET: Budget = { timeMs: 4_500, bytes: SIP_MESSAGE_BYTES, items: 20 };
/** Stands in Via and From: answers follow `rport` (RFC 3581), so the name needs no address. */
export const OUR_HOST = "groundswell.invalid";

/** The socket is bound on first use. */
export function createSipExchange(io: { random: Random }): SipExchange {
  const sockets = new Map<4 | 6, Promise<Socket>>();
  const waiting = new Map<string, Waiting>();

  function onDatagram(datagram: Buffer, from: RemoteInfo): void {
    const response = parseSipResponse(datagram);
    const branch = viaParameter(response?.headers.get("via")?.[0] ?? "", "branch");
    const entry = branch === undefined ? undefined : waiting.get(branch);
    if (entry !== undefined && response !== undefined && sameSource(entry.target, from) && sameCall(entry.draft, response)) {
      entry.answer(response);
      return;
    }
    if (response !== undefined) return;
    // Unreadable text tells the asker only when it comes from the very peer that is being asked.
    for (const other of waiting.values()) if (sameSource(other.target, from)) other.answer("garbled");
  }

  function socketFor(address: string): Promise<Socket> {
    const version = isIPv6(address) ? 6 : 4;
    const known = sockets.get(version);
    if (known !== undefined) return known;
    const made = new Promise<Socket>((resolve, reject) => {
      const socket = createSocket(version === 6 ? "udp6" : "udp4");
      socket.on("message", onDatagram);
      socket.once("error", reject);
      socket.bind(0, () => {
        socket.removeListener("error", reject);
        // ICMP errors of single targets: the ask they belong to ends by its time limit.
        socket.on("error", () => undefined);
        resolve(socket);
      });
    });
    sockets.set(version, made);
    return made;
  }

  return {
    random: io.random,
    async send(asked, draft, parent) {
      const target: SipTarget = { ...asked, address: usualForm(asked.address) };
      if (isIP(target.address) === 0) return fail({ kind: "unreachable", via: "sip", detail: "not an IP address" });
      const whole = budgetSignal(SIP_BUDGET, parent);
      if (whole.aborted) return fail(faultOfAbort("sip", { parent, budget: SIP_BUDGET, heard: false }));
      const branch = `z9hG4bK${io.random.hex(12)}`;
      const via: readonly [string, string] = ["Via", `SIP/2.0/UDP ${OUR_HOST};branch=${branch};rport`];
      const bytes = writeSipRequest({ ...draft, headers: [via, ["Max-Forwards", "70"], ...draft.headers] });
      let socket: Socket;
      try {
        socket = await socketFor(target.address);
      } catch {
        sockets.clear();
        return fail({ kind: "unreachable", via: "sip", detail: "no UDP socket to be had" });
      }
      try {
        return await new Promise<Result<SipResponse>>((resolve) => {
          let provisional = false;
          let garbled = false;
          const answer: Waiting["answer"] = (response) => {
            if (response === "garbled") garbled = true;
            else if (response === "closed") resolve(fail({ kind: "cancelled", by: "shutdown" }));
            else if (response.status < 200) provisional = true;
            else resolve(ok(response));
          };
          waiting.set(branch, { target, draft, answer });
          const cutOff = (): void => {
            const cut = faultOfAbort("sip", { parent, budget: SIP_BUDGET, heard: provisional });
            resolve(fail(garbled && cut.kind === "unreachable" ? { kind: "garbled", via: "sip", wanted: "a SIP answer" } : cut));
          };
          // The socket's making took a moment in which the signal may have ended.
          if (whole.aborted) return cutOff();
          whole.addEventListener("abort", cutOff, { once: true });
          resend(socket, bytes, { target, whole, stopped: () => provisional || !waiting.has(branch) });
        });
      } finally {
        waiting.delete(branch);
      }
    },
    async close() {
      for (const entry of waiting.values()) entry.answer("closed");
      const open = [...sockets.values()];
      sockets.clear();
      for (const made of await Promise.allSettled(open)) {
        if (made.status === "fulfilled") await new Promise<void>((resolve) => made.value.close(resolve));
      }
    },
  };
}

/** Sends now, and again after T1, 2 × T1, … until stopped. */
function resend(socket: Socket, bytes: Buffer, to: { target: SipTarget; whole: AbortSignal; stopped: () => boolean }): void {
  const sendAfter = (waitMs: number): void => {
    if (to.whole.aborted || to.stopped()) return;
    // A send error is silence: the ask ends by its time limit.
    socket.send(bytes, to.target.port, to.target.address, () => undefined);
    AbortSignal.timeout(waitMs).addEventListener("abort", () => sendAfter(Math.min(waitMs * 2, T2_MS)), { once: true });
  };
  sendAfter(T1_MS);
}

/** As the system writes the sender of a datagram: an IPv6 address has many spellings. */
function usualForm(address: string): string {
  return isIPv6(address) && !address.includes("%") ? new SocketAddress({ address, family: "ipv6" }).address : address;
}

/** An answer repeats the Call-ID and the method of its request. Source: RFC 3261 8.2.6.2, 17.1.3. */
function sameCall(draft: SipDraft, response: SipResponse): boolean {
  const callId = draft.headers.find(([name]) => name === "Call-ID")?.[1];
  const method = /^\d+\s+(\S+)$/.exec(response.headers.get("cseq")?.[0] ?? "")?.[1];
  return response.headers.get("call-id")?.[0] === callId && method === draft.method;
}

function sameSource(target: SipTarget, from: RemoteInfo): boolean {
  return from.port === target.port && from.address === target.address;
}

/** An address as it stands in a SIP URI. */
export function hostText(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}

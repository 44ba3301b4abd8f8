/**
 * The door of the endpoint: finds out who sends a request, and turns away what it may not have.
 */
import { TLSSocket } from "node:tls";
import { unreachable } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import type { Clock } from "../core/time.ts";
import { type Facts, isGuarded, judge, ownerOf, type Verdict } from "./admission.ts";
import { type Account, type AccountSetting, createAccount } from "./basic-digest.ts";
import { type Exchange, send } from "./exchange.ts";
import { certificatesIn, type ReadShown, shownReader } from "./phone-certificate.ts";
import type { Refusals } from "./refusals.ts";
import type { TlsIdentity, TlsSetting } from "./tls.ts";
import { createWrongTries } from "./tries.ts";

export interface DoorSetting {
  /** What phones log in with; without it nobody is asked. */
  readonly account?: AccountSetting;
  readonly random: Random;
  /** Is this a device of ours? Without it everybody is. */
  readonly knows?: (mac: Mac) => boolean;
}

export interface DoorIo {
  readonly clock: Clock;
  readonly refusals: Refusals;
}

export interface Door {
  /** False where the request was answered here. */
  admits(exchange: Exchange): boolean;
  /** Reads authorities, and gives what lets certificates be judged by them from then on. Throws where they do not read. */
  trusting(identity: TlsIdentity): () => void;
}

export function createDoor(setting: DoorSetting | undefined, tls: TlsSetting | undefined, io: DoorIo): Door {
  const account = setting?.account === undefined ? undefined : createAccount(setting.account, { clock: io.clock, random: setting.random });
  const tries = createWrongTries(io.clock);
  const readerOf = (identity: TlsIdentity | undefined): ReadShown => shownReader(certificatesIn(identity?.clientRoots ?? ""));
  let shownBy = readerOf(tls);
  const certificates = tls?.clientCertificates ?? "off";
  return {
    trusting(identity) {
      const next = readerOf(identity);
      return () => {
        shownBy = next;
      };
    },
    admits(exchange) {
      const { request, address, read } = exchange;
      const { method = "GET" } = request;
      if (!isGuarded(read.asked, method)) return true;
      const owner = ownerOf(read.asked);
      const shown = certificates === "off" ? undefined : shownBy(request.socket);
      const facts: Omit<Facts, "account"> = {
        ...(owner === undefined ? {} : { owner }),
        upload: method === "PUT",
        certificates,
        ...(shown === undefined ? {} : { shown }),
        known: setting?.knows === undefined || (owner !== undefined && setting.knows(owner)),
      };
      const isTrying = account !== undefined && request.headers.authorization !== undefined;
      if (isTrying && tries.isBlocked(address)) return turnAway(exchange, io, { status: 429, reason: "too many wrong log-ins" });
      const verdict = judge({ ...facts, account: triedOf(account, exchange) });
      if (verdict.kind === "challenge" && verdict.reason !== undefined) tries.note(address);
      return carryOut(verdict, exchange, { ...io, account });
    },
  };
}

const isSecure = ({ request }: Exchange): boolean => request.socket instanceof TLSSocket;

function triedOf(account: Account | undefined, exchange: Exchange): Facts["account"] {
  if (account === undefined) return "notWanted";
  const { method = "GET", url: target = "/", headers } = exchange.request;
  const { authorization } = headers;
  return authorization === undefined ? "none" : account.check({ authorization, method, target, secure: isSecure(exchange) });
}

function carryOut(verdict: Verdict, exchange: Exchange, io: DoorIo & { readonly account: Account | undefined }): boolean {
  switch (verdict.kind) {
    case "open":
      return true;
    case "challenge": {
      const challenges = io.account?.challenges({ secure: isSecure(exchange), stale: verdict.stale }) ?? [];
      exchange.response.setHeader("www-authenticate", challenges);
      // To be asked is no refusal: every phone is, at each boot.
      if (verdict.reason !== undefined) return turnAway(exchange, io, { status: 401, reason: verdict.reason });
      send(exchange, 401, "");
      return false;
    }
    case "refuse":
      return turnAway(exchange, io, verdict);
    case "absent":
      send(exchange, 404, "");
      return false;
    default:
      return unreachable(verdict);
  }
}

function turnAway(exchange: Exchange, { refusals }: DoorIo, why: { readonly status: number; readonly reason: string }): false {
  const floods = refusals.note(exchange.address, why.reason);
  if (floods) exchange.response.setHeader("connection", "close");
  send(exchange, floods ? 429 : why.status, "");
  return false;
}

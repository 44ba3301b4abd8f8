/** Any bytes as an answer to a question of ours, by both ways the hot path knows. */
import { Secret } from "../../../protocols/core/secret.ts";
import { createUsmKeys } from "../../../protocols/snmp/keys.ts";
import { readByCommunity, readOuter, type Said, type Wanted } from "../../../protocols/snmp/reader.ts";
import { createUsm, meet, type Opened, open } from "../../../protocols/snmp/usm.ts";
import { type Asked, createNames } from "../../../protocols/snmp/writer.ts";
import { report, SYS_DESCR, USM } from "./messages.ts";

const names = createNames();
/** The id of `messages.ts`, so that its messages are answers. */
export const WANTED: Wanted = { id: 7, objects: [names(SYS_DESCR) as Asked] };
export const WANTED_3: Wanted = { ...WANTED, id: 99 };

const keys = createUsmKeys();

/** A user who has met the engine of `messages.ts`. */
export function metUsm(protect: "nothing" | "digest" | "privacy" = "privacy") {
  const usm = createUsm(
    {
      version: "3",
      user: "agent",
      ...(protect === "nothing" ? {} : { auth: { protocol: "sha", key: new Secret("authentication-1") } as const }),
      ...(protect === "privacy" ? { priv: { protocol: "aes", key: new Secret("privacy-secret-1") } as const } : {}),
    },
    Buffer.alloc(8),
  );
  const outer = readOuter(report(USM.engine));
  if (outer === undefined || outer === "wrong version") throw new Error("the report of the tests does not read");
  meet(usm, outer, { keys, atMs: 0 });
  return usm;
}

const users = [metUsm("nothing"), metUsm("digest"), metUsm("privacy")];

export function readAnswer(packet: Buffer): { readonly byCommunity: Said; readonly byUser: readonly Opened[] } {
  return {
    byCommunity: readByCommunity(packet, { ...WANTED, version: 1, community: Buffer.from("public") }),
    byUser: users.map((usm) => open(usm, packet, WANTED_3, 0)),
  };
}

/** Names of ten objects in one question: the bindings of their answer are read as nearly all are. */
export const COLUMN: readonly string[] = Array.from({ length: 10 }, (_, i) => `1.3.6.1.2.1.2.2.1.2.${i + 1}`);
const columns: Wanted = { id: WANTED.id, objects: COLUMN.map((oid) => names(oid) as Asked) };

export function readColumn(packet: Buffer): Said {
  return readByCommunity(packet, { ...columns, version: 1, community: Buffer.from("public") });
}

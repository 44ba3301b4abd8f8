/**
 * The two keys of the config watch, both made from the agent's own: one to mark secrets, one to seal originals. Where the agent's
 * key is gone, so is what was sealed, and old marks compare with nothing.
 */
import { createHash, createHmac, hkdfSync, type KeyObject } from "node:crypto";

/** Hex, so that it can be handed to a worker thread. */
export interface WatchKeys {
  readonly mark: string;
  readonly seal: string;
  /** Names the pair without saying anything of it. */
  readonly id: string;
}

const BYTES = 32;
const ID_HEX = 8;

/** @param agentKey the private key of the agent */
export function watchKeysFrom(agentKey: KeyObject): WatchKeys {
  const secret = agentKey.export({ format: "der", type: "pkcs8" });
  const derive = (purpose: string): string =>
    Buffer.from(hkdfSync("sha256", secret, "", `groundswell config watch: ${purpose}`, BYTES)).toString("hex");
  const [mark, seal] = [derive("mark"), derive("seal")];
  return { mark, seal, id: createHash("sha256").update(`id of ${mark}`).digest("hex").slice(0, ID_HEX) };
}

/** 40 bits: that a secret changed is missed once in 10^12 times, and nothing can be tried without the key. */
const MARK_HEX = 10;

/** `***` and a keyed mark of name and secret: the same under one name is the same, on every device of the site. Empty stays empty. */
export function marked(key: string, secret: string, keys: Pick<WatchKeys, "mark" | "id">): string {
  if (secret === "") return "";
  const mark = createHmac("sha256", Buffer.from(keys.mark, "hex"))
    .update(JSON.stringify([key.toLowerCase(), secret]))
    .digest("hex");
  return `***${keys.id}:${mark.slice(0, MARK_HEX)}`;
}

/** Names an original without giving anything to try against. */
export function originalIdOf(document: Uint8Array, keys: Pick<WatchKeys, "mark">): string {
  return createHmac("sha256", Buffer.from(keys.mark, "hex")).update("original\0").update(document).digest("hex");
}

const MARK = /\*\*\*([0-9a-f]{8}):[0-9a-f]{10}/g;

/** For people and for the feed: the marks say nothing to them. */
export const withoutMarks = (value: string): string => value.replaceAll(MARK, "***");
/** The ids of the keys a value was marked under. */
export const keyIdsIn = (value: string): readonly string[] => [...value.matchAll(MARK)].map((match) => match[1] ?? "");

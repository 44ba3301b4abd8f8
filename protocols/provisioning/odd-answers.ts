/**
 * Answers of the customer's server that a phone may stumble over, told once each. They are passed on all the same, as far as they go.
 */

import type { Mac } from "../core/ids.ts";

export type OddEvent = {
  readonly kind: "oddAnswer";
  /**
   * `html`: a page where a configuration was asked for, as a log-in page would be. Source: protocols/provisioning.md 1 (harmful).
   * `unreadable`: a master file that is not understood, and so names no image of ours. `elsewhere`: a redirect in place of a master
   * file; what the phone gets there is not changed. `broken`: an answer that did not reach the phone whole, or trouble of the server's
   * own in place of a master file.
   */
  readonly what: "html" | "unreadable" | "elsewhere" | "broken";
  readonly path: string;
  readonly why: string;
  readonly mac?: Mac;
};

export interface Odd {
  note(what: OddEvent["what"], asked: { readonly url: string; readonly mac: Mac | undefined }, why: string): void;
}

/** Files told of; after so many it begins anew. */
const TOLD_MAX = 1_000;
const PATH_CHARS = 200;

export function createOdd(tell: (event: OddEvent) => void): Odd {
  const told = new Set<string>();
  return {
    note(what, { url, mac }, why) {
      const path = url.slice(0, PATH_CHARS);
      // What is wrong with the server is wrong for all its phones: one line for them.
      const key = `${what} ${what === "html" || what === "unreadable" ? path : path.replaceAll(/[0-9a-f]{12}/gi, "<mac>")} ${why}`;
      if (told.has(key)) return;
      if (told.size >= TOLD_MAX) told.clear();
      told.add(key);
      tell({ kind: "oddAnswer", what, path, why, ...(mac === undefined ? {} : { mac }) });
    },
  };
}

/** By what it says it is, or how it begins. */
export function looksLikeHtml(contentType: string | undefined, start: Buffer): boolean {
  return (
    /^text\/html\b/i.test(contentType ?? "") ||
    /^\s*(?:<!doctype\s+html|<html)[\s>]/i.test(start.toString("latin1", 0, 512).replace(/^\u00ef\u00bb\u00bf/, ""))
  );
}

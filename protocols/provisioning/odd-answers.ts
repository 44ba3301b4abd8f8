/**
 * Answers of the customer's server that a phone may stumble over, told once each. They are passed on all the same.
 */

import type { Mac } from "../core/ids.ts";

export type OddEvent = {
  readonly kind: "oddAnswer";
  /**
   * `html`: a page where a configuration was asked for, as a log-in page would be. Source: protocols/provisioning.md 1 (harmful).
   * `unreadable`: a master file that is not understood, and so names no image of ours.
   */
  readonly what: "html" | "unreadable";
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
      const key = `${what} ${path} ${why}`;
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

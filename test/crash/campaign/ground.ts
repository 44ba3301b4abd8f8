/** The site, the desk and the books of a run: everything that a life of the agent does not take with it. */
import type { DriveStore } from "../../../firmware/waves/ports.ts";
import type { Desk } from "./desk.ts";
import type { Site } from "./phones.ts";
import type { Hand } from "./trouble.ts";

/** What outlives a life. */
export interface Ground {
  readonly site: Site;
  readonly desk: Desk;
  readonly hand: Hand;
  /** Parent of one folder per life. */
  readonly folder: string;
  lives: number;
  /** Tokens are never given twice, as with random ones. */
  tokens: number;
  readonly policy: Readonly<Record<string, unknown>>;
  /** Every point somebody came to. */
  readonly points: Set<string>;
  /** What the image server told, in order: messages may come again. */
  readonly told: { readonly token: string; readonly kind: "started" | "delivered" }[];
  /** Transitions stored, oldest first, each with a way to store it once more. */
  readonly changes: { readonly what: string; readonly again: (rows: DriveStore) => boolean }[];
  readonly broken: string[];
  readonly bugs: string[];
}

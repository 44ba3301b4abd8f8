import type { Ms } from "../../../protocols/core/time.ts";
import type { Foretold } from "./foretold.ts";

/** How a story went. The same seed gives the same one but for `realMs`. */
export interface Outcome {
  readonly seed: number;
  readonly broken: { readonly id: string; readonly what: string; readonly atMs: Ms } | undefined;
  /** What was on in the story: where to look first. */
  readonly hint: string;
  /** Of every step and of the rows at the end. */
  readonly hash: string;
  readonly steps: number;
  readonly events: number;
  readonly devices: number;
  /** Counted by the phones. */
  readonly commands: number;
  readonly pieces: number;
  readonly campaigns: number;
  readonly kills: number;
  /** How many tasks ended in which state. */
  readonly tasks: Readonly<Record<string, number>>;
  /** Every finish that was shown. */
  readonly foretold: readonly Foretold[];
  readonly realMs: number;
  readonly virtualMs: Ms;
}

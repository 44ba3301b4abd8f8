/**
 * Why a step of a channel's author was not taken. Nothing was changed then.
 */
import { fail } from "../../protocols/core/fault.ts";

export interface Trouble {
  /**
   * Nothing there; there already; unreadable or of another form; not signed by enough keys; against what stands; a key or
   * passphrase that does not fit; the disk said no.
   */
  readonly kind: "missing" | "exists" | "damaged" | "unsigned" | "refused" | "key" | "disk";
  readonly why: string;
  /** What to do. */
  readonly hint?: string;
}

export function trouble(kind: Trouble["kind"], why: string, hint?: string): { readonly ok: false; readonly fault: Trouble } {
  return fail({ kind, why, ...(hint === undefined ? {} : { hint }) });
}

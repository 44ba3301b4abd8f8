/**
 * Takes a list of entitlements in: the whole list of its source, as one transaction that keeps what it changed.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { CoverageState } from "../../store/coverage.ts";
import type { Entitlement, EntitlementChange, EntitlementImport, EntitlementSource } from "../../store/entitlements.ts";
import type { Store } from "../../store/store.ts";
import { coverageOf, listsOf, needsContract } from "./decide.ts";
import { differences, entitlementsOf, type Line, losesTooMuch } from "./list.ts";

export interface NewList {
  readonly source: EntitlementSource;
  /** The file, or the address it came from. */
  readonly name: string;
  /** Who had it done. */
  readonly actor: string;
  readonly lines: readonly Line[];
  /** A person has seen that most of the old list goes. */
  readonly acceptRemovals?: boolean;
}

export interface Preview {
  readonly source: EntitlementSource;
  readonly listed: number;
  readonly unchanged: number;
  readonly changes: readonly EntitlementChange[];
  /** Devices whose state becomes another. */
  readonly effect: readonly {
    readonly device: string;
    readonly name: string;
    readonly was: CoverageState;
    readonly becomes: CoverageState;
  }[];
  /** Most of the old list would go: it is not taken in before a person says so. */
  readonly losesTooMuch: boolean;
}

export type Taken =
  | { readonly kind: "taken"; readonly preview: Preview; readonly made: EntitlementImport }
  /** The list is as it was: nothing is written. */
  | { readonly kind: "same"; readonly preview: Preview }
  | { readonly kind: "tooMuchLost"; readonly preview: Preview };

type Tables = Pick<Store, "entitlements" | "devices" | "coverage">;

/** What taking it in would change. Nothing is written. */
export function previewList({ source, lines }: NewList, tables: Tables, today: Temporal.PlainDate): Preview {
  const before = tables.entitlements.list(source);
  const after = entitlementsOf(source, lines);
  const changes = differences(before, after);
  return {
    source,
    listed: after.length,
    unchanged: after.length - changes.filter(({ becomes }) => becomes !== undefined).length,
    changes,
    effect: effectOf(source, after, tables, today),
    losesTooMuch: losesTooMuch(before, changes),
  };
}

function effectOf(source: EntitlementSource, after: readonly Entitlement[], tables: Tables, today: Temporal.PlainDate): Preview["effect"] {
  const others = tables.entitlements.list().filter((one) => one.source !== source);
  const lists = listsOf([...others, ...after], true);
  const now = tables.coverage.all();
  return tables.devices
    .list()
    .filter(needsContract)
    .flatMap((device) => {
      const was = now.get(device.id)?.state ?? "unknown";
      const becomes = coverageOf(device, lists, today).state;
      return was === becomes ? [] : [{ device: device.id, name: device.name, was, becomes }];
    });
}

/** The same list again changes nothing, whoever gives it. */
export function takeList(
  list: NewList,
  io: { readonly store: Tables & Pick<Store, "transaction" | "audit">; readonly nowMs: Ms; readonly today: Temporal.PlainDate },
): Taken {
  const { store, nowMs, today } = io;
  const { source, name, actor } = list;
  return store.transaction((): Taken => {
    const preview = previewList(list, store, today);
    const known = store.entitlements.newest().some((one) => one.source === source);
    if (known && preview.changes.length === 0) return { kind: "same", preview };
    if (preview.losesTooMuch && list.acceptRemovals !== true) return { kind: "tooMuchLost", preview };
    const made = store.entitlements.take({ source, name, actor, atMs: nowMs, listed: preview.listed }, preview.changes);
    const { id, listed, added, changed, removed } = made;
    const detail = { import: id, name, listed, added, changed, removed };
    store.audit.append({ atMs: nowMs, actor, action: "entitlements.taken", subject: source, detail });
    return { kind: "taken", preview, made };
  });
}

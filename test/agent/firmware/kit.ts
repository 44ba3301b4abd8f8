/** A store with files in quarantine, and a depot thread that answers as the test says. */
import type { AcceptanceIo } from "../../../agent/firmware/acceptance.ts";
import { createSources, type Sources } from "../../../agent/firmware/sources.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Thread } from "../../../agent/threads/channel.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import type { FieldRequests } from "../../../agent/threads/requests.ts";
import type { Release } from "../../../firmware/release.ts";
import { disagreementText } from "../../../firmware/sources/agree.ts";
import type { UnsignedKind } from "../../../firmware/sources/source.ts";
import { ok } from "../../../protocols/core/fault.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import type { QuarantinedFile } from "../../../store/quarantine.ts";
import type { Store } from "../../../store/store.ts";
import { release, sha } from "../../firmware/waves/builders.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

export const PART = "3111-48840-001";
export const never = new AbortController().signal;

export type Answers = Partial<Record<keyof DepotRequests | keyof FieldRequests, (input: never) => unknown>>;

export interface SourcesKit {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly sources: Sources;
  readonly io: AcceptanceIo;
  readonly asked: { readonly name: string; readonly input: unknown }[];
  /** What was told of it, in order. */
  readonly told: string[];
  readonly warnings: string[];
}

export function sourcesKit(
  answers: Answers = {},
  kinds: readonly UnsignedKind[] = ["folder", "portal", "vendor-catalogue", "lens"],
  store: Store = temporaryStore(),
): SourcesKit {
  const clock = manualClock(T0);
  const asked: SourcesKit["asked"] = [];
  const told: string[] = [];
  const warnings: string[] = [];
  const ask = async (name: keyof Answers, input: never): Promise<unknown> => {
    asked.push({ name, input });
    const answer = answers[name];
    if (answer !== undefined) return answer(input);
    if (name === "stage") return ok({ sizeBytes: 1 });
    if (name === "dropQuarantined") return null;
    throw new Error(`"${name}" was not expected`);
  };
  const thread = { ask } as unknown as Thread<DepotRequests> & Thread<FieldRequests>;
  const sources = createSources({
    ...{ store, clock, kinds, depot: thread, field: thread },
    log: { ...SILENT, warn: (_message: string, fields?: object) => void warnings.push(JSON.stringify(fields)) },
    onQuarantined: ({ source, name }) => void told.push(`quarantined ${source} ${name}`),
    onDisagreement: (what) => void told.push(disagreementText(what)),
  });
  const io: AcceptanceIo = {
    ...{ store, clock, sources, depot: thread },
    onAccepted: ({ id }, person) => void told.push(`accepted ${id} by ${person}`),
    onWithdrawn: (id, person) => void told.push(`withdrawn ${id} by ${person}`),
  };
  return { store, clock, sources, io, asked, told, warnings };
}

export function file(changes: Partial<QuarantinedFile> = {}): QuarantinedFile {
  return { source: "folder", name: "a.ld", sha256: sha("e"), sizeBytes: 9, hint: {}, inside: { kind: "plain" }, ...changes };
}

export const ARCHIVE = sha("c");
/** Images inside, by part number. */
export const INSIDE = { [PART]: sha("1"), "3111-48830-001": sha("2") } as const;

/** An archive of a split release of two phones. */
export function archive(changes: Partial<QuarantinedFile> = {}): QuarantinedFile {
  const images = Object.entries(INSIDE).map(([partNumber, sha256]) => ({ path: `${partNumber}.sip.ld`, partNumber, sizeBytes: 9, sha256 }));
  const inside = { kind: "release", versions: ["6.4.9.1"], images, otherFiles: 1, unpackedBytes: 20 } as const;
  return file({ name: "UC_Software.zip", sha256: ARCHIVE, sizeBytes: 15, inside, ...changes });
}

/** A release of the images inside. */
export function archiveDocument(changes: Record<string, unknown> = {}): Release {
  const images = Object.entries(INSIDE).map(([part, sha256]) => ({
    target: `accepted/${part}.ld`,
    partNumbers: [part],
    sizeBytes: 9,
    sha256,
  }));
  return release({ id: "mine-2", version: "6.4.9.1", models: ["VVX 450", "VVX 350"], images, ...changes });
}

/** A release of one image. */
export function document(sha256: Sha256 = sha("e"), changes: Record<string, unknown> = {}): Release {
  const images = [{ target: "accepted/a.ld", partNumbers: [PART], sizeBytes: 9, sha256 }];
  return release({ id: "mine-1", version: "6.4.9.1", images, ...changes });
}

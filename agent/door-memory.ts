/**
 * What the field thread learns of doors, kept over restarts: the first host key or factory certificate of a device, and which
 * credentials it turned away.
 */
import { createHmac } from "node:crypto";
import type { Credential } from "../protocols/core/secret.ts";
import type { Clock } from "../protocols/core/time.ts";
import type { PinRow } from "../protocols/families/pins.ts";
import type { RefusalRow } from "../protocols/families/refusals.ts";
import type { Store } from "../store/store.ts";
import type { SigningKey } from "./commands/keys.ts";
import { plainOf } from "./threads/credentials.ts";
import type { FieldEvent } from "./threads/requests.ts";

export type Learnt = Extract<FieldEvent, { kind: "pin" | "refusal" }>;

export interface DoorMemory {
  /** For a field thread that starts. Refusals of a secret that has changed since are forgotten. */
  recall(): { readonly pins: readonly PinRow[]; readonly refusals: readonly RefusalRow[] };
  note(learnt: Learnt): void;
  /** A person trusts what the device shows next. @returns what is forgotten */
  forget(device: string): readonly PinRow[];
}

export interface DoorMemoryIo {
  readonly store: Pick<Store, "credentials" | "pins">;
  readonly credentials: readonly Credential[];
  /** Of this installation: without it the marks say nothing. */
  readonly key: SigningKey;
  readonly clock: Clock;
}

/** Enough to see that a secret changed (once in 65,536 times it is missed), too little to tell which it is. */
const MARK_HEX = 4;

/** A mark of each secret by its credential's id. */
function marksOf(credentials: readonly Credential[], { key }: SigningKey): ReadonlyMap<string, string> {
  const secret = key.export({ format: "der", type: "pkcs8" });
  const markOf = (credential: Credential): string =>
    createHmac("sha256", secret)
      .update(JSON.stringify(plainOf(credential)))
      .digest("hex")
      .slice(0, MARK_HEX);
  return new Map(credentials.map((credential) => [credential.id, markOf(credential)]));
}

export function createDoorMemory({ store, credentials, key, clock }: DoorMemoryIo): DoorMemory {
  const marks = marksOf(credentials, key);
  return {
    recall: () => ({
      pins: store.pins.all().map(({ device, via, fingerprint }) => ({ device, via, fingerprint })),
      refusals: store.credentials
        .refusals()
        .filter(({ credentialId, fingerprint }) => marks.get(credentialId) === fingerprint)
        .map(({ device, credentialId, count }) => ({ device, credentialId, count })),
    }),
    note(learnt) {
      const atMs = clock.nowMs();
      if (learnt.kind === "pin") return store.pins.keep({ ...learnt.row, atMs });
      const { device, credentialId, count } = learnt.row;
      const fingerprint = marks.get(credentialId);
      if (count === 0) store.credentials.forget(device, credentialId);
      else if (fingerprint !== undefined) store.credentials.saveRefusal({ device, credentialId, fingerprint, count, atMs });
    },
    forget(device) {
      store.credentials.forget(device);
      return store.pins.forget(device);
    },
  };
}

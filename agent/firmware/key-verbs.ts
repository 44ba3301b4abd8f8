/** The commands on key codes: what is kept, what is missing, and taking a list in. A code goes in here and never out again. */
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import type { Verbs } from "../commands/handle.ts";
import { plainSerial } from "../discovery/contradictions.ts";
import { type KeyRow, readParcel } from "./key-file.ts";
import { type KeyCodeKeys, keyCodeOf, openParcel, sealCode } from "./key-seal.ts";

export interface KeyVerbsIo {
  readonly store: Pick<Store, "transaction" | "devices" | "keyCodes">;
  readonly keys: KeyCodeKeys;
  readonly nowMs: () => Ms;
}

export type KeyVerb = "firmware.keys" | "firmware.keysImport";

export function keyVerbs(io: KeyVerbsIo): Pick<Verbs, KeyVerb> {
  return {
    "firmware.keys": async () => ({ ok: true, result: listKeys(io) }),
    "firmware.keysImport": async (args, { person }) => importKeys(args, person, io),
  };
}

/** A device whose major releases need a key. */
const takesKeys = ({ family, retiredAtMs }: DeviceRow): boolean => {
  const recipe = family === undefined ? undefined : familyOf(family)?.update;
  return retiredAtMs === undefined && recipe?.offer === "updateServer" && recipe.needsKey !== undefined;
};

function listKeys({ store, keys }: KeyVerbsIo) {
  const devices = store.devices.list();
  const named = ({ id, name, model }: DeviceRow) => ({ device: id, name, ...(model === undefined ? {} : { model }) });
  const bySerial = Map.groupBy(
    devices.filter(({ serial }) => serial !== undefined),
    ({ serial }) => plainSerial(serial ?? ""),
  );
  const kept = store.keyCodes.list();
  const serials = new Set(kept.map(({ serial }) => serial));
  return {
    schema: "groundswell.key-codes/1",
    receiver: keys.receiver.publicKey,
    keys: kept.map(({ serial, release, atMs, actor, file }) => {
      const [device] = bySerial.get(serial) ?? [];
      // Present, or sealed with a key the agent no longer has: nothing else is ever said of a code.
      const state = keyCodeOf(serial, release, { kept: store.keyCodes, keys }) === undefined ? "lost" : "present";
      return {
        serial,
        release: String(release),
        state,
        since: isoOf(atMs),
        by: actor,
        file,
        ...(device === undefined ? {} : named(device)),
      };
    }),
    missing: devices
      .filter((row) => takesKeys(row) && (row.serial === undefined || !serials.has(plainSerial(row.serial))))
      .map((row) => ({ ...named(row), ...(row.serial === undefined ? {} : { serial: row.serial }), running: row.running ?? null })),
  };
}

function importKeys(args: ArgsOf<"firmware.keysImport">, actor: string, io: KeyVerbsIo): VerbOutcome {
  const document = openParcel(args.parcel, args.file, io.keys);
  const rows = document === undefined ? undefined : readParcel(document);
  if (rows === undefined) {
    const message = "The list cannot be opened: it was sealed for another agent, or changed on its way. Nothing was taken in";
    return { ok: false, code: "faulted", message };
  }
  const known = new Set(io.store.devices.list().flatMap(({ serial }) => (serial === undefined ? [] : [plainSerial(serial)])));
  const outcomes = io.store.transaction(() =>
    rows.map((row) => ({
      line: row.line,
      serial: row.serial,
      release: String(row.release),
      outcome: takeIn(row, { ...args, actor }, io),
      here: known.has(row.serial),
    })),
  );
  const taken = outcomes.filter(({ outcome }) => outcome !== "same").length;
  const message = args.dryRun ? `${taken} would be taken in` : `${taken} taken in`;
  return { ok: true, message, result: { schema: "groundswell.key-import/1", kept: !args.dryRun, rows: outcomes } };
}

function takeIn(
  { serial, release, code }: KeyRow,
  { file, actor, dryRun }: { readonly file: string; readonly actor: string; readonly dryRun: boolean },
  { store, keys, nowMs }: KeyVerbsIo,
): "new" | "changed" | "same" {
  const earlier = keyCodeOf(serial, release, { kept: store.keyCodes, keys });
  if (earlier?.reveal() === code.reveal()) return "same";
  const outcome = store.keyCodes.sealed(serial, release) === undefined ? "new" : "changed";
  if (!dryRun) store.keyCodes.save({ serial, release, sealed: sealCode({ serial, release }, code, keys), atMs: nowMs(), actor, file });
  return outcome;
}

/**
 * Sightings become the inventory: who it is, which source is believed, what changed. One transaction per sighting.
 */
import type { DeviceRead, InUse, Sighting } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { Claims } from "../../store/claims.ts";
import type { Conflict } from "../../store/conflicts.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Places } from "../../store/places.ts";
import {
  asRow,
  bare,
  believeRows,
  type Change,
  changesBetween,
  emptyRow,
  spanOf,
  type Turn,
  withFacts,
  withoutOthersMac,
} from "./device-row.ts";
import { factsOf, isHint } from "./identify.ts";
import { decideBy, type Policy, returned, standingOf } from "./inbox.ts";
import { ADDRESS_HINT_MS, homeOf, withPhoneMac } from "./owner.ts";
import { type QuarrelStore, settleQuarrels } from "./quarrels.ts";
import { createSettler } from "./settle.ts";
import { splitTarget } from "./splits.ts";
import { createSteady, rowWords } from "./steady.ts";

export interface InventoryStore extends QuarrelStore {
  transaction<T>(work: () => T): T;
  readonly places: Places;
  readonly claims: Claims;
}

export interface InventoryIo {
  readonly store: InventoryStore;
  /** Devices found are in our care at once (`all`), or wait for a person (`ask`). */
  readonly adopt: "all" | "ask";
  /** The site's rules for new devices; without it, `adopt` decides on all. */
  readonly policy?: Policy;
  /** Runs inside the transaction, so that the feed says exactly what the inventory holds. */
  announce(what: "found" | "changed", row: DeviceRow, changes: readonly Change[]): void;
  /** Inside the transaction: `from` is a name no more, `to` is its device. */
  onRenamed?(from: DeviceId, to: DeviceId): void;
  /** It was not open before. Each MAC is a device of its own meanwhile: nothing is merged. */
  onConflict(conflict: Conflict, sighting: Sighting): void;
  /** How long a device that says the same again is taken at its word without a look at all others; 0: never. */
  readonly steadyForMs?: Ms;
}

export interface Inventory {
  /** Takes one sighting in. @returns the device it belongs to, or `undefined` when it names nobody */
  note(sighting: Sighting): DeviceId | undefined;
  /** Takes a whole read of a device in, its coupled parts included; one that its manager answered has no address. */
  noteRead(read: DeviceRead, at: { readonly address?: string; readonly atMs: Ms }): DeviceId | undefined;
}

/** For who decides on identities. */
export interface KeptInventory extends Inventory {
  /** These sightings are the device's already: its row follows from its facts and theirs anew. */
  retell(id: DeviceId, sightings: readonly Sighting[]): void;
  /** These sightings of one device are another's, which is made where it is missing. */
  part(from: DeviceId, to: DeviceId, seqs: readonly number[]): void;
}

interface Noted {
  readonly id: DeviceId;
  readonly row?: DeviceRow;
}

export function createInventory(io: InventoryIo): KeptInventory {
  const { devices, sightings, places, claims, decisions } = io.store;
  /** Devices that gave or took sightings since the last look at what contradicts. */
  const moved: DeviceId[] = [];
  const policy: Policy = io.policy ?? (() => (io.adopt === "all" ? "adopt" : "ask"));

  const steady = createSteady(io.steadyForMs);

  /** @returns whose it is, with the row as it was read where nothing of it changed */
  const noted = (told: Sighting): Noted | undefined =>
    io.store.transaction(() => {
      const sighting = withPhoneMac({ ...told, atMs: Math.round(told.atMs) });
      const home = homeOf(sighting);
      if (home === undefined) return undefined;
      const same = again(sighting);
      if (same !== undefined) return same;
      const owner = decisions.resolve(settler.ownerOf(home, sighting));
      const id = splitTarget(owner, sighting, decisions.splitsOf(owner));
      take(id, sighting, settler.before(id, home, sighting) ? "joined" : "more");
      settler.after(id, sighting);
      const touched = new Set([id, ...moved.splice(0)]);
      for (const one of touched) {
        for (const conflict of settleQuarrels(one, io.store, { nowMs: sighting.atMs, ended: "gone" })) io.onConflict(conflict, sighting);
      }
      steady.disturb(sighting, touched);
      if (touched.size === 1 && isSettled(id, sighting)) remember(id, sighting);
      return { id };
    });

  /** Heard again, as before. @returns whose it is, or `undefined` where it has to be looked at */
  const again = (sighting: Sighting): Noted | undefined => {
    const known = steady.find(sighting);
    const row = known === undefined ? undefined : devices.load(known.id);
    if (known === undefined || row === undefined || rowWords(row) !== known.row) return undefined;
    // A person or a rule may have had another word on it meanwhile.
    if ((places.ofDevice(row.id)?.name ?? row.name) !== row.name || standingBy(policy, row) !== standingOf(row)) return undefined;
    devices.heardAgain(row.id, {
      ...{ source: sighting.source, atMs: sighting.atMs, evidence: sighting.evidence },
      fields: factsOf(sighting).map(({ field }) => field),
    });
    sightings.add(row.id, sighting);
    return { id: row.id, row: { ...row, lastSeenMs: Math.max(row.lastSeenMs, sighting.atMs) } };
  };

  /** Nobody's claim is open, and nobody is near whose sighting could become this one's, or this one's theirs. */
  const isSettled = (id: DeviceId, { source, address, heard, facts, atMs }: Sighting): boolean => {
    if (heard === false || facts.mac === undefined || isHint(source)) return false;
    const [fromMs, toMs] = [atMs - 2 * ADDRESS_HINT_MS, atMs + 2 * ADDRESS_HINT_MS];
    return (
      (address === undefined || !claims.namelessNear(address, fromMs, toMs)) &&
      claims.hintAddresses(id, fromMs, toMs).every((hint) => hint === address) &&
      (facts.serial === undefined || claims.serialOnly(facts.serial, id).length === 0) &&
      io.store.conflicts.ofDevice(id).length === 0
    );
  };

  const remember = (id: DeviceId, sighting: Sighting): void => {
    const row = devices.load(id);
    if (row !== undefined) steady.keep(id, sighting, row);
  };

  const take = (id: DeviceId, sighting: Sighting, how: Turn): void => {
    const before = devices.load(id);
    if (before === undefined) devices.save(emptyRow(id, sighting.atMs)); // facts and sightings refer to it
    put(id, sighting);
    sightings.add(id, sighting);
    write(id, before, how);
  };

  const put = (id: DeviceId, sighting: Sighting): void => {
    for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
  };

  /** Writes the row as its facts make it. `before`: as it stands now; absent where it is new. */
  const write = (id: DeviceId, before: DeviceRow | undefined, how: Turn): void => {
    const row = before ?? devices.load(id);
    if (row === undefined) return;
    const after = withoutOthersMac(withFacts(how === "less" ? bare(row) : row, believeRows(devices, id), claims), devices);
    const placed = { ...after, ...spanOf(row, claims.span(id), how), name: places.ofDevice(id)?.name ?? after.name };
    const named = decideBy(policy(placed), returned(placed), placed.lastSeenMs);
    const changes = before === undefined ? [] : changesBetween(before, named);
    devices.save(named);
    if (before === undefined) io.announce("found", named, []);
    else if (changes.length > 0) io.announce("changed", named, changes);
  };

  const part = (from: DeviceId, to: DeviceId, seqs: readonly number[]): void => {
    steady.clear();
    const told = claims.load(seqs);
    if (devices.load(to) === undefined) devices.save(emptyRow(to, Math.min(...told.map(({ atMs }) => atMs))));
    claims.move(seqs, to);
    const sources = [...new Set(told.map(({ source }) => source))];
    devices.dropFacts(from, sources);
    for (const sighting of claims.ofSources(from, sources)) put(from, sighting);
    for (const sighting of told) put(to, sighting);
    write(from, devices.load(from), "less");
    write(to, devices.load(to), "joined");
  };

  const settler = createSettler({
    devices: {
      rename(from, to) {
        const done = devices.rename(from, to);
        if (done) io.onRenamed?.(from, to);
        return done;
      },
    },
    claims,
    reread(id) {
      write(id, devices.load(id), "joined");
      moved.push(id);
    },
    part(from, to, seqs) {
      part(from, to, seqs);
      moved.push(from, to);
    },
    decisions,
  });

  return {
    note: (sighting) => noted(sighting)?.id,
    retell: (id, told) =>
      io.store.transaction(() => {
        steady.clear();
        for (const sighting of told) put(id, sighting);
        write(id, devices.load(id), "less");
      }),
    part: (from, to, seqs) => io.store.transaction(() => part(from, to, seqs)),
    noteRead(read, { address, atMs }) {
      // What a manager says of a device is the manager's word, and ranks as such.
      const byManager = read.facts.family !== undefined && familyOf(read.facts.family)?.addressless === true;
      const source = byManager ? "lens" : "device";
      const said = { source, atMs, ...(read.presence === "unknown" ? { heard: false } : {}) } as const;
      const where = byManager || address === undefined ? {} : { address };
      const whose = noted({ ...said, ...where, facts: read.facts, evidence: read.evidence });
      if (whose === undefined) return undefined;
      const { id, row = devices.load(id) } = whose;
      // Once its own doors tell more, the manager's view of its use is no longer the better one.
      if (byManager && row?.family !== read.facts.family) return id;
      // Most say the same again: a row is dozens of columns to write.
      if (row !== undefined && !saysSame(row, read)) devices.save({ ...row, inUse: read.inUse, lines: read.lines, parts: read.parts });
      for (const part of read.parts) {
        if (part.mac === undefined) continue;
        const partOwner = noted({
          ...said,
          facts: {
            vendor: "Poly",
            model: part.model,
            mac: part.mac,
            ...(read.facts.family === undefined ? {} : { family: read.facts.family }),
            ...(part.serial === undefined ? {} : { serial: part.serial }),
            ...(part.version === undefined ? {} : { running: { application: part.version } }),
          },
          evidence: [{ via: byManager ? "lens" : "https", what: `paired with ${row?.name ?? id}`, atMs }],
        });
        const known = partOwner === undefined ? undefined : (partOwner.row ?? devices.load(partOwner.id));
        // A panel answers only to its codec: what the codec says of the pairing is all there is to know.
        if (known === undefined || byManager) continue;
        const availability = part.connected ? "online" : "offline";
        if (known.availability === availability && sameUse(known.inUse, read.inUse)) continue;
        devices.save({ ...known, availability, inUse: read.inUse });
      }
      return id;
    },
  };
}

const standingBy = (policy: Policy, row: DeviceRow): string => standingOf(decideBy(policy(row), row, row.lastSeenMs));

const sameUse = (one: InUse, other: InUse): boolean => JSON.stringify(one) === JSON.stringify(other);

function saysSame(row: DeviceRow, { inUse, lines, parts }: DeviceRead): boolean {
  return JSON.stringify([row.inUse, row.lines, row.parts]) === JSON.stringify([inUse, lines, parts]);
}

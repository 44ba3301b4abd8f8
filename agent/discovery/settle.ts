/**
 * Moves sightings to the device they belong to when a later one shows whose they are. A device that loses all it had
 * becomes the other one, with its history and work; of one that loses a part only that part goes.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, deviceIdOf } from "../../protocols/core/ids.ts";
import type { Claims, Trace } from "../../store/claims.ts";
import type { Decisions } from "../../store/decisions.ts";
import type { Devices } from "../../store/devices.ts";
import { isHint, isVideo, VIDEO_FAMILIES } from "./identify.ts";
import { ADDRESS_HINT_MS, type Home, isWireHint, ownerAt, ownerByHint, ownerOfSerial, type Presence, type SerialWord } from "./owner.ts";
import { runAround } from "./run.ts";

export interface SettleIo {
  readonly devices: Pick<Devices, "rename">;
  readonly claims: Claims;
  readonly decisions: Pick<Decisions, "resolve" | "apart">;
  /** Moves sightings with their facts to another device, which is made where it is missing; both then read as what is left makes them. */
  part(from: DeviceId, to: DeviceId, seqs: readonly number[]): void;
  /** The device took another one in: it reads as both make it. */
  reread(id: DeviceId): void;
}

export interface Settler {
  ownerOf(home: Home, sighting: Sighting): DeviceId;
  /** Before the sighting is taken: devices that turn out to be its device are renamed. @returns whether there was one */
  before(owner: DeviceId, home: Home, sighting: Sighting): boolean;
  /** After it: whatever else belongs elsewhere now. */
  after(owner: DeviceId, sighting: Sighting): void;
}

/** Sightings of one device that belong to another one. `all`: it has no others of its own. */
interface Move {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly traces: readonly Trace[];
  readonly all: boolean;
}

export function createSettler(io: SettleIo): Settler {
  const { claims, decisions } = io;

  /** What a person made one goes there, what a person set apart stays where it is. */
  const obeying = (moves: readonly Move[]): readonly Move[] =>
    moves.map((move) => ({ ...move, to: decisions.resolve(move.to) })).filter(({ from, to }) => from !== to && !decisions.apart(from, to));

  const serialMoves = (serial: string, owner: DeviceId): Move[] =>
    [...Map.groupBy(claims.serialOnly(serial, owner), ({ device }) => device)].map(([from, traces]) => ({
      from,
      to: owner,
      traces,
      all: !claims.standsWithout(from, serial),
    }));

  const serialOwner = (serial: string, also: readonly SerialWord[], video: boolean): DeviceId =>
    ownerOfSerial(serial, [...claims.statedSerial(serial), ...also], video || claims.serialOnlyOf(serial, VIDEO_FAMILIES));

  const serialMovesBy = (owner: DeviceId, { facts, source, atMs }: Sighting): Move[] => {
    const { serial, mac } = facts;
    if (serial === undefined || serial === "") return [];
    if (mac === undefined) return serialMoves(serial, owner);
    // Nearly always there is none: a device that states its MAC states it each time.
    if (claims.serialOnly(serial, owner).length === 0) return [];
    return serialMoves(serial, serialOwner(serial, [{ device: owner, source, atMs }], false));
  };

  const hinted = (address: string, atMs: number): DeviceId | undefined =>
    ownerByHint(claims.hintedAt(address, atMs - ADDRESS_HINT_MS, atMs + ADDRESS_HINT_MS));

  const grouped = (lost: readonly { readonly trace: Trace; readonly to: DeviceId }[]): Move[] =>
    [...Map.groupBy(lost, ({ trace, to }) => `${trace.device} ${to}`).values()].map((group) => {
      const [{ trace, to }] = group as [(typeof group)[number]];
      return { from: trace.device, to, traces: group.map((one) => one.trace), all: claims.count(trace.device) === group.length };
    });

  const addressMoves = (address: string, atMs: number, also: readonly Presence[]): Move[] => {
    const run = runAround(address, atMs, claims);
    const lost = run
      .filter(({ named }) => !named)
      .map((trace) => ({ trace, to: ownerAt(address, trace.atMs, [...run, ...also], () => hinted(address, trace.atMs)) }))
      .filter(({ trace, to }) => trace.device !== to);
    return grouped(lost);
  };

  /** What a switch or router says of an address makes no run of those seen there: each nameless one is judged where it stands. */
  const hintMoves = (address: string, atMs: number): Move[] => {
    const lost = claims
      .nameless(address, atMs - ADDRESS_HINT_MS, atMs + ADDRESS_HINT_MS)
      .map((trace) => ({
        trace,
        to: ownerAt(address, trace.atMs, runAround(address, trace.atMs, claims), () => hinted(address, trace.atMs)),
      }))
      .filter(({ trace, to }) => trace.device !== to);
    return grouped(lost);
  };

  const addressMovesBy = (
    sighting: { address?: string | undefined; source: Sighting["source"]; atMs: number },
    also: readonly Presence[],
  ): Move[] => {
    const { address, source, atMs } = sighting;
    if (address === undefined || (isHint(source) && !isWireHint(source))) return [];
    if (!claims.namelessNear(address, atMs - ADDRESS_HINT_MS, atMs + ADDRESS_HINT_MS)) return [];
    return isHint(source) ? hintMoves(address, atMs) : addressMoves(address, atMs, also);
  };

  /** @returns what was moved; a device in unfinished work of a campaign keeps its name, and is taken in later */
  const carryOut = ({ from, to, traces, all }: Move): readonly Trace[] => {
    if (all) {
      if (!io.devices.rename(from, to)) return [];
      io.reread(to);
      return traces;
    }
    const seqs = traces.map(({ seq }) => seq);
    io.part(from, to, seqs);
    return traces;
  };

  /** Devices that are the owner altogether take its name. @returns whether there was one */
  const obeyed = (moves: readonly Move[], owner: DeviceId): boolean =>
    obeying(moves).filter(({ all, from, to }) => all && to === owner && io.devices.rename(from, to)).length > 0;

  /** Heard at an address, it is not where a switch still says it is: the nameless ones there are somebody else's. */
  const addressesLeft = (owner: DeviceId, { address, source, atMs, facts }: Sighting): readonly string[] => {
    if (address === undefined || facts.mac === undefined || isHint(source)) return [];
    // A nameless one is as far from here as a hint holds, and the hint that names it as far again.
    const hints = claims.hintAddresses(owner, atMs - 2 * ADDRESS_HINT_MS, atMs + 2 * ADDRESS_HINT_MS);
    return hints.filter((hint) => hint !== address && claims.namelessNear(hint, atMs - ADDRESS_HINT_MS, atMs + ADDRESS_HINT_MS));
  };

  /** Who moved takes along the nameless ones seen beside it. */
  const settled = (moves: readonly Move[]): void => {
    const queue = [...obeying(moves)];
    for (let move = queue.shift(); move !== undefined; move = queue.shift()) {
      for (const trace of carryOut(move)) if (trace.named) queue.push(...obeying(addressMovesBy(trace, [])));
    }
  };

  return {
    ownerOf(home, { facts, atMs }) {
      switch (home.by) {
        case "mac":
          return deviceIdOf({ mac: home.mac }) as DeviceId;
        case "serial":
          return serialOwner(home.serial, [], isVideo(facts));
        case "address":
          return ownerAt(home.address, atMs, runAround(home.address, atMs, claims), () => hinted(home.address, atMs));
      }
    },
    before(owner, home, sighting) {
      // What switches and routers say of an address is weighed against all they say: after it is kept.
      if (isHint(sighting.source)) return obeyed(serialMovesBy(owner, sighting), owner);
      const here: Presence = { device: owner, atMs: sighting.atMs, named: home.by !== "address" };
      const moves = [...serialMovesBy(owner, sighting), ...addressMovesBy(sighting, [here])];
      return obeyed(moves, owner);
    },
    after(owner, sighting) {
      settled(serialMovesBy(owner, sighting));
      settled(addressMovesBy(sighting, []));
      for (const address of addressesLeft(owner, sighting)) settled(hintMoves(address, sighting.atMs));
    },
  };
}

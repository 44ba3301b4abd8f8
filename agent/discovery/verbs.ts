/**
 * The commands on identity, places, topology and the inbox: names become rows, decisions become answers.
 */
import { parseMac } from "../../protocols/core/ids.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { PlaceRow } from "../../store/places.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import { actorOf } from "../commands/check.ts";
import type { Verbs } from "../commands/handle.ts";
import { findDevice } from "../views/devices.ts";
import { explainNew, type InboxIo, listConflicts, listDecisions, listInbox, listPlaces, showPlace } from "../views/identity.ts";
import { showTopology } from "../views/topology.ts";
import { type Decided, type DecideIo, keepApart, mergeDevices, splitDevice, undoDecision, type Who } from "./decide.ts";
import { decideInbox, findPlaces, type InboxDone, retireDevice, setPlace, swapDevices } from "./standing.ts";

export interface IdentityVerbsIo extends DecideIo, Pick<InboxIo, "judge" | "coverageOf"> {}

export type IdentityVerbs = Pick<
  Verbs,
  | `device.${"conflicts" | "decisions" | "merge" | "split" | "undo" | "swap" | "retire" | "topology"}`
  | `place.${"list" | "show" | "set"}`
  | `inbox.${"list" | "explain" | "adopt" | "ignore"}`
>;

const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });
const none = (message: string): VerbOutcome => ({ ok: false, code: "notFound", message });
const who = (subject: Subject, dryRun: boolean): Who => ({ actor: actorOf(subject), dryRun });

/** A decision as an answer; `past` is said of one that was made. */
function told<T extends object>(schema: string, decided: Decided<T>, { dryRun }: Who, past: (value: T) => string): VerbOutcome {
  if (!decided.ok) return { ok: false, code: "wrongState", message: decided.why };
  return done({ schema, dryRun, ...decided.value }, dryRun ? "nothing is changed: this was a dry run" : past(decided.value));
}

export function identityVerbs(io: IdentityVerbsIo): IdentityVerbs {
  const { store } = io;
  /** Names as devices; the first that is nobody's answers for all. */
  const withDevices = (names: readonly string[], act: (...rows: readonly DeviceRow[]) => VerbOutcome): Promise<VerbOutcome> => {
    const rows = names.map((name) => findDevice(name, store));
    const missing = names[rows.indexOf(undefined)];
    return Promise.resolve(missing === undefined ? act(...(rows as DeviceRow[])) : none(`No device "${missing}"`));
  };
  const inbox = (verdict: InboxDone["verdict"]) => (args: { devices: string[]; dryRun: boolean }, subject: Subject) =>
    withDevices(args.devices, (...rows) =>
      answerInbox(
        decideInbox([...new Map(rows.map((row) => [row.id, row])).values()], verdict, who(subject, args.dryRun), io),
        args.dryRun,
      ),
    );

  return {
    "device.conflicts": async ({ all }) => done(listConflicts(all, store)),
    "device.decisions": async ({ all }) => done(listDecisions(all, store)),
    "device.merge": ({ device, other, dryRun }, subject) =>
      withDevices([device, other], (keeps, gone) => {
        const by = who(subject, dryRun);
        if (keeps === undefined || gone === undefined) return none("two devices are needed");
        return told(
          "groundswell.merge/1",
          mergeDevices(keeps, gone, by, io),
          by,
          (one) => `${one.other} is part of ${one.keeps} now (${one.decision})`,
        );
      }),
    "device.split": ({ device, other, by, dryRun }, subject) =>
      withDevices(other === undefined ? [device] : [device, other], (from, two) => {
        const actor = who(subject, dryRun);
        if (from === undefined) return none(`No device "${device}"`);
        const decided =
          two !== undefined ? keepApart(from, two, actor, io) : by === undefined ? undefined : splitDevice(from, by, actor, io);
        if (decided === undefined) return none("another device, or by what to split, is needed");
        return told("groundswell.split/1", decided, actor, (one) => `${one.keeps} and ${one.other} are two (${one.decision})`);
      }),
    "device.undo": async ({ decision, dryRun }, subject) => {
      const by = who(subject, dryRun);
      return told("groundswell.undo/1", undoDecision(decision, by, io), by, (one) => `${one.decision} is undone`);
    },
    "device.swap": ({ device, next, dryRun }, subject) =>
      withDevices([device], (old) => {
        const row = findDevice(next, store);
        const mac = row?.mac ?? parseMac(next);
        const by = who(subject, dryRun);
        if (old === undefined || mac === undefined)
          return none(
            row === undefined ? `No device "${next}", and it is no MAC address either` : `${row.name} has no MAC: it cannot take a place`,
          );
        return told(
          "groundswell.swap/1",
          swapDevices(old, { mac, row }, by, io),
          by,
          (one) => `${one.new ?? one.newMac} serves in ${one.place.name} now`,
        );
      }),
    "device.retire": ({ device, reason, dryRun }, subject) =>
      withDevices([device], (row) => {
        const by = who(subject, dryRun);
        if (row === undefined) return none(`No device "${device}"`);
        return told(
          "groundswell.retire/1",
          retireDevice(row, reason, by, io),
          by,
          (one) => `${one.name} is retired until it is seen again`,
        );
      }),
    "device.topology": async (args) => {
      const device = args.of === undefined ? undefined : findDevice(args.of, store);
      const at = args.switch === undefined ? undefined : (findDevice(args.switch, store)?.address ?? args.switch);
      if (args.of !== undefined && device === undefined) return none(`No device "${args.of}"`);
      const view = showTopology(store, { ...(device === undefined ? {} : { device }), ...(at === undefined ? {} : { switchAddress: at }) });
      if (at !== undefined && view.switches.length === 0) return none(`No switch "${args.switch}"`);
      return done(view);
    },
    "place.list": async () => done(listPlaces(store)),
    "place.show": async ({ place }) => {
      const found = onePlace(place, store);
      return "why" in found ? none(found.why) : done(showPlace(found.place, store));
    },
    "place.set": async ({ place, serves, dryRun, ...change }, subject) => {
      const by = who(subject, dryRun);
      const mac = serves === undefined || serves === null ? serves : (findDevice(serves, store)?.mac ?? parseMac(serves));
      if (typeof serves === "string" && mac === undefined) return none(`No device "${serves}" that has a MAC`);
      return told(
        "groundswell.place-set/1",
        setPlace(place, { ...change, mac }, by, io),
        by,
        (one) => `${one.place.name} is ${one.made ? "made" : "changed"}`,
      );
    },
    "inbox.list": async ({ which }) => done(listInbox(which, io)),
    "inbox.explain": ({ of }) => withDevices([of], (row) => (row === undefined ? none(`No device "${of}"`) : done(explainNew(row, io)))),
    "inbox.adopt": inbox("adopt"),
    "inbox.ignore": inbox("ignore"),
  };
}

function onePlace(wanted: string, store: IdentityVerbsIo["store"]): { readonly place: PlaceRow } | { readonly why: string } {
  const found = findPlaces(wanted, store);
  const [place] = found;
  if (place === undefined) return { why: `No place "${wanted}"` };
  return found.length === 1 ? { place } : { why: `${found.length} places are named "${wanted}": ${found.map(({ id }) => id).join(", ")}` };
}

function answerInbox(made: InboxDone, dryRun: boolean): VerbOutcome {
  const { devices, refused, verdict } = made;
  if (devices.length === 0 && refused.length > 0)
    return { ok: false, code: "wrongState", message: refused.map(({ why }) => why).join("; ") };
  const word = verdict === "adopt" ? "adopted" : "ignored";
  const said =
    devices.length === 0
      ? `all are ${word} already`
      : `${devices.length} ${word}${refused.length === 0 ? "" : `, ${refused.length} refused`}`;
  return done({ schema: "groundswell.inbox-decided/1", dryRun, ...made }, dryRun ? "nothing is changed: this was a dry run" : said);
}

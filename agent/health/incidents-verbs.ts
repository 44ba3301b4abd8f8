/** The commands on incidents and planned darkness. */
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { MaintenanceRow, MaintenanceScope } from "../../store/maintenances.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import { actorOf } from "../commands/check.ts";
import type { Verbs } from "../commands/handle.ts";
import { findDevice } from "../views/devices.ts";
import { listIncidents, showIncident, viewMaintenance } from "../views/incidents.ts";
import type { Incidents } from "./incidents.ts";

export interface IncidentVerbsIo {
  readonly store: Store;
  readonly incidents: Pick<Incidents, "standing">;
  readonly nowMs: () => Ms;
  /** What is dark now is decided anew. */
  wake(): void;
}

const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });
const none = (message: string): VerbOutcome => ({ ok: false, code: "notFound", message });

/** Maintenances shown, the newest. */
const LISTED_MAX = 100;

export function incidentVerbs(io: IncidentVerbsIo): Pick<Verbs, `incident.${"list" | "show"}` | `maintenance.${"start" | "end" | "list"}`> {
  const { store } = io;
  return {
    "incident.list": async ({ all }) => done(listIncidents(all, store, io.incidents.standing())),
    "incident.show": async ({ incident }) => {
      const shown = showIncident(incident, store, io.incidents.standing());
      return shown === undefined ? none(`No incident ${incident}`) : done(shown);
    },
    "maintenance.list": async () =>
      done({
        schema: "groundswell.maintenances/1",
        maintenances: store.maintenances.list(LISTED_MAX).map((row) => viewMaintenance(row, io.nowMs())),
      }),
    "maintenance.start": async (args, subject) => startMaintenance(args, actorOf(subject), io),
    "maintenance.end": async ({ maintenance }) => {
      if (store.maintenances.load(maintenance) === undefined) return none(`No maintenance ${maintenance}`);
      if (!store.maintenances.end(maintenance, io.nowMs()))
        return { ok: false, code: "wrongState", message: `Maintenance ${maintenance} is over already` };
      io.wake();
      return done(
        { schema: "groundswell.maintenance-end/1", maintenance },
        `maintenance ${maintenance} is over: what is still dark after 10 min counts`,
      );
    },
  };
}

interface Scope {
  readonly scopeKind: MaintenanceScope;
  readonly scope: string;
}

function startMaintenance(args: ArgsOf<"maintenance.start">, actor: string, io: IncidentVerbsIo): VerbOutcome {
  const found = scopesOf(args, io.store);
  if (typeof found === "string") return none(found);
  const nowMs = io.nowMs();
  const common = { fromMs: nowMs, untilMs: nowMs + args.forMs, reason: args.reason, actor };
  const rows = io.store.transaction(() => found.map((scope): MaintenanceRow => io.store.maintenances.start({ ...scope, ...common })));
  io.wake();
  return done(
    { schema: "groundswell.maintenance-start/1", maintenances: rows.map((row) => viewMaintenance(row, nowMs)) },
    `planned dark until ${isoOf(common.untilMs)}: what begins there until then is muted, and judged afterwards`,
  );
}

/** A text where one of the names is nobody's. */
function scopesOf({ site, switches, rooms, devices }: ArgsOf<"maintenance.start">, store: Store): readonly Scope[] | string {
  const scopes: Scope[] = site ? [{ scopeKind: "site", scope: "" }] : [];
  const known = new Set(store.places.all().map(({ room }) => room));
  for (const name of switches) {
    const row = findDevice(name, store);
    const address = row?.family === "switch" ? row.address : undefined;
    if (address === undefined) return `No switch "${name}": groundswell device topology lists them`;
    scopes.push({ scopeKind: "switch", scope: address });
  }
  for (const room of rooms) {
    if (!known.has(room)) return `No room "${room}": groundswell place list shows them`;
    scopes.push({ scopeKind: "room", scope: room });
  }
  for (const name of devices) {
    const row = findDevice(name, store);
    if (row === undefined) return `No device "${name}"`;
    scopes.push({ scopeKind: "device", scope: row.id });
  }
  return scopes;
}

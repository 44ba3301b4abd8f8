/**
 * Tells the portal what changed: one event and, where there is one, the retained document of the thing. Every call
 * belongs into the transaction of the change it tells of.
 */
import { type Disagreement, disagreementText } from "../../firmware/sources/agree.ts";
import { rankOf } from "../../firmware/sources/source.ts";
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { Kill } from "../../firmware/waves/kill.ts";
import type { Left } from "../../firmware/waves/left.ts";
import type { TaskChange } from "../../firmware/waves/ports.ts";
import { showFault } from "../../protocols/core/fault.ts";
import type { CampaignId, DeviceId, SiteId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { deviceTopic } from "../../protocols/mqtt/topics.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { IncidentRow } from "../../store/incident-rows.ts";
import type { ConditionRow } from "../../store/incidents.ts";
import type { Thinned } from "../../store/outbox.ts";
import type { QuarantinedFile } from "../../store/quarantine.ts";
import type { Store } from "../../store/store.ts";
import type { TicketRow } from "../../store/tickets.ts";
import { expectedEnd, MEASURED_MAX } from "../campaigns/live.ts";
import { viewTask } from "../campaigns/task-view.ts";
import type { Change } from "../discovery/device-row.ts";
import { ticketKey } from "../tickets/key.ts";
import { summaryOf } from "./campaign-summary.ts";
import { type EventData, type EventType, eventMessage } from "./events.ts";
import { sendEventsAgain, sendPicture } from "./picture.ts";
import { createSamples, type Samples } from "./samples.ts";
import { campaignSnapshot, clearMessage, deviceSnapshot, ticketSnapshot } from "./snapshots.ts";

export interface TellIo {
  readonly store: Pick<
    Store,
    "outbox" | "campaigns" | "tasks" | "attempts" | "devices" | "decisions" | "tickets" | "conditions" | "transaction"
  >;
  readonly site: SiteId;
  readonly nowMs: () => Ms;
  /** Something waits to be published. */
  wake(): void;
}

export interface Teller {
  device(what: "found" | "changed", row: DeviceRow, changes: readonly Change[]): void;
  /** The document of a name that no device has any more is taken away; that of the device says how it stands now. */
  renamed(from: DeviceId, to: DeviceId): void;
  condition(
    edge: "opened" | "closed",
    device: DeviceRow,
    about: { readonly kind: string; readonly severity: string; readonly causeClass: string; readonly evidence: string },
  ): void;
  incident(what: "opened" | "changed" | "closed", row: IncidentRow): void;
  coverage(data: EventData<"coverage.changed">): void;
  config(data: EventData<"config.changed">): void;
  coverageEnding(data: EventData<"coverage.ending">): void;
  task(change: TaskChange): void;
  wave(campaign: CampaignId, wave: number, state: string, why: string | undefined): void;
  campaign(campaign: CampaignId, state: string, why: string | undefined, by: string | undefined): void;
  ticket(row: TicketRow): void;
  release(release: string, state: string, why: string | undefined): void;
  quarantined(file: QuarantinedFile): void;
  disputed(what: Disagreement): void;
  refused(data: EventData<"command.refused">): void;
  /** The kill switch was turned. */
  kill(on: boolean, kill: Pick<Kill, "scope" | "by" | "reason">): void;
  bootServer(data: EventData<"upstream.changed">): void;
  bootFile(data: EventData<"upstream.odd">): void;
  /** What is new of it goes out with the next `flush`. */
  sample(device: DeviceId, atMs: Ms, reading: Reading): void;
  flush: Samples["flush"];
  /** Health batches were given up for space. */
  thinned(all: readonly Thinned[]): void;
  /** Everything retained once more, and of each device all readings: for a broker or a portal that has lost them. */
  everything(how: {
    /** Kept events with a number above this as well. */
    readonly eventsAfter?: number;
    readonly pause: () => Promise<void>;
  }): Promise<{ readonly documents: number; readonly events: number }>;
}

const text = (value: string | undefined, max: number): string | undefined => value?.slice(0, max);

/** Within a transaction of the drive no more devices are laid out: some milliseconds. Of more, the plan's word stands while it is ahead. */
const FINISH_MAX = 500;

export function createTeller(io: TellIo): Teller {
  const { outbox } = io.store;
  const samples = createSamples(io);

  const event = <T extends EventType>(type: T, subject: string, revision: string | number | undefined, data: EventData<T>): void => {
    const sequence = outbox.nextSequence();
    // Where the happening has no number of its own, the site's count names it: it is told exactly once, here.
    outbox.add(eventMessage(type, { site: io.site, subject, revision: revision ?? `#${sequence}`, sequence, atMs: io.nowMs() }, data));
    io.wake();
  };

  /** As last worked out; at each step of each task that would cost too much. */
  const finishes = new Map<CampaignId, Left | undefined>();

  const campaignState = (id: CampaignId, moved: boolean): void => {
    const stored = io.store.campaigns.load(id);
    if (stored === undefined) return;
    const { campaigns, tasks } = io.store;
    const [nowMs, waves] = [io.nowMs(), campaigns.waves(id)];
    if (moved || !finishes.has(id)) {
      const measured = io.store.attempts.measured(MEASURED_MAX);
      finishes.set(id, expectedEnd(stored, { waves, tasks: tasks.ofCampaign(id), measured }, nowMs, FINISH_MAX));
    }
    const standing = { waves, counts: tasks.counts(id), atRisk: tasks.atRiskOf(id), finish: finishes.get(id), nowMs };
    if (isFinalCampaign(stored.state)) finishes.delete(id);
    outbox.add(campaignSnapshot(io.site, summaryOf(stored, standing), nowMs));
  };

  return {
    device(what, row, changes) {
      if (what === "found") {
        const { id, name, family, model, mac, serial, address, adopted } = row;
        const known = { family, model, mac, serial, address };
        event("device.found", id, undefined, {
          device: id,
          name: name.slice(0, 120),
          adopted,
          ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as object),
        });
      } else {
        const told = changes.map(({ field, was, is }) => ({
          field,
          ...(was === undefined ? {} : { was: was.slice(0, 1_000) }),
          ...(is === undefined ? {} : { is: is.slice(0, 1_000) }),
        }));
        event("device.changed", row.id, undefined, { device: row.id, changes: told });
      }
      outbox.add(deviceSnapshot(io.site, row, io.nowMs()));
    },
    renamed(from, to) {
      outbox.add(clearMessage(deviceTopic(io.site, from), io.nowMs()));
      const row = io.store.devices.load(to);
      if (row !== undefined) outbox.add(deviceSnapshot(io.site, row, io.nowMs()));
      io.wake();
    },
    condition: (edge, device, about) =>
      event(`condition.${edge}`, device.id, undefined, { device: device.id, ...about, evidence: about.evidence.slice(0, 1_000) }),
    incident: (what, row) =>
      event(`incident.${what}`, `incident-${row.id}`, row.revision, incidentData(row, io.store.conditions.ofIncident(row.id))),
    config: (data) => event("config.changed", data.device, undefined, data),
    coverage: (data) => event("coverage.changed", "site", undefined, data),
    coverageEnding: (data) => event("coverage.ending", "site", undefined, data),
    task({ row, planned, next, atMs }) {
      const { why } = viewTask({ ...row, state: next, sinceMs: atMs }, planned);
      event("task.changed", row.id, row.revision + 1, {
        campaign: row.campaign,
        task: row.id,
        device: row.device,
        state: next.at,
        was: row.state.at,
        ...(why === undefined ? {} : { why: why.slice(0, 1_000) }),
      });
      campaignState(row.campaign, false);
    },
    wave(campaign, wave, state, why) {
      event("wave.changed", `${campaign}.${wave}`, undefined, {
        campaign,
        wave,
        state,
        ...(why === undefined ? {} : { why: why.slice(0, 1_000) }),
      });
      campaignState(campaign, true);
    },
    campaign(campaign, state, why, by) {
      event("campaign.changed", campaign, undefined, {
        campaign,
        state,
        ...(why === undefined ? {} : { why: why.slice(0, 1_000) }),
        ...(by === undefined ? {} : { by: by.slice(0, 120) }),
      });
      campaignState(campaign, true);
    },
    ticket(row) {
      const key = ticketKey(row.key, row.generation);
      const severity = typeof row.doc["severity"] === "number" ? row.doc["severity"] : 3;
      const title = typeof row.doc["title"] === "string" ? row.doc["title"] : key;
      const delivery = row.deliveredVersion >= row.version ? "delivered" : (row.lastOutcome?.kind ?? "waiting");
      event("ticket.changed", key, undefined, {
        key,
        version: row.version,
        state: row.state,
        title: title.slice(0, 200),
        severity,
        delivery,
        ...(row.remoteUrl === undefined ? {} : { url: row.remoteUrl }),
      });
      outbox.add(ticketSnapshot(io.site, row, io.nowMs()));
    },
    release: (release, state, why) =>
      event("release.changed", release, undefined, { release, state, ...(why === undefined ? {} : { why: text(why, 1_000) ?? "" }) }),
    quarantined: ({ source, name, sha256, sizeBytes }) =>
      event("firmware.quarantined", sha256, undefined, { source, name: name.slice(0, 255), sha256, sizeBytes }),
    disputed(what) {
      const side = ({ source, accepted, name }: Disagreement["used"]) => ({
        source,
        rank: rankOf(source, accepted),
        name: name.slice(0, 200),
      });
      const { about, version, used, other } = what;
      const why = disagreementText(what).slice(0, 1_000);
      event("firmware.disputed", "firmware", undefined, {
        about,
        version: version.slice(0, 120),
        used: side(used),
        other: side(other),
        why,
      });
    },
    refused: (data) => event("command.refused", data.code, undefined, data),
    kill: (on, { scope, by, reason }) =>
      event("kill.changed", scope.kind, undefined, {
        ...{ on, scope: scope.kind, by: by.slice(0, 120), reason: reason.slice(0, 1_000) },
        ...(scope.kind === "release" ? { release: scope.release } : scope.kind === "model" ? { model: scope.model } : {}),
      }),
    bootServer: (data) => event("upstream.changed", data.state, undefined, data),
    bootFile: (data) => event("upstream.odd", data.what, undefined, data),
    sample: (device, atMs, reading) => samples.take(device, atMs, reading),
    flush: (how) => samples.flush(how),
    thinned(all) {
      for (const data of all) event("feed.thinned", "health", undefined, data);
      // The portal may have missed a change for good.
      if (all.length > 0) samples.tellAllWhenHeard();
    },
    async everything({ eventsAfter, pause }) {
      samples.tellAll();
      const picture = { ...io, campaignState: (id: CampaignId) => campaignState(id, true), pause };
      const documents = await sendPicture(picture);
      const events = eventsAfter === undefined ? 0 : await sendEventsAgain(eventsAfter, picture);
      io.wake();
      return { documents, events };
    },
  };
}

/** Devices named in one event: the size of a message stays bounded. */
const DEVICES_NAMED = 200;

export function incidentData(row: IncidentRow, conditions: readonly ConditionRow[]): EventData<"incident.opened"> {
  const { id, cause, kind, state, title, why, advice, severity, causeClass, service, affected, total, parent, reopened } = row;
  const devices = new Set(conditions.flatMap(({ deviceId }) => deviceId ?? []));
  return {
    incident: id,
    cause: cause.slice(0, 300),
    kind,
    state,
    title: title.slice(0, 300),
    why: why.slice(0, 1_000),
    advice: advice.slice(0, 1_000),
    severity,
    causeClass,
    ...(service === undefined ? {} : { service: service.slice(0, 120) }),
    affected,
    total,
    since: isoOf(row.sinceMs),
    ...(row.untilMs === undefined ? {} : { until: isoOf(row.untilMs) }),
    ...(parent === undefined ? {} : { parent }),
    reopened,
    devices: [...devices].slice(0, DEVICES_NAMED),
  };
}

/** Why a change came about, for people. */
export function reasonOf(event: { readonly kind: string }): string | undefined {
  if ("why" in event && typeof event.why === "string") return event.why;
  if ("evidence" in event && typeof event.evidence === "string") return event.evidence;
  if ("fault" in event) return showFault(event.fault as Parameters<typeof showFault>[0]);
  return undefined;
}

/**
 * Every command's doing: the table from verb to function. The checks came before; each of these is safe to repeat.
 */
import { policySchema } from "../firmware/waves/policy.ts";
import type { Mac } from "../protocols/core/ids.ts";
import { isoOf, loopTurn, type Ms } from "../protocols/core/time.ts";
import type { PinRow } from "../protocols/families/pins.ts";
import type { Store } from "../store/store.ts";
import { refOf } from "./campaigns/device-ref.ts";
import { explainDevice } from "./campaigns/explain-verb.ts";
import { retryDevice, writeOffDevice } from "./campaigns/failed-verbs.ts";
import type { killVerbs } from "./campaigns/kill-verbs.ts";
import type { PlanDesk } from "./campaigns/plan-desk.ts";
import { planCampaign } from "./campaigns/plan-verb.ts";
import { planRollback } from "./campaigns/rollback-verb.ts";
import { showPlan } from "./campaigns/show-verb.ts";
import { campaignStatus } from "./campaigns/status-verb.ts";
import { newestAndLive } from "./campaigns/under-way.ts";
import * as campaign from "./campaigns/verbs.ts";
import type { VerbOutcome } from "./commands/answer.ts";
import { acceptClock, type ClockVerbIo } from "./commands/clock-verb.ts";
import type { Verbs } from "./commands/handle.ts";
import type { ConfigVerb } from "./config-watch/verbs.ts";
import type { coverageVerbs } from "./coverage/verbs.ts";
import type { Discovery } from "./discovery/discover.ts";
import type { Imports } from "./discovery/imports.ts";
import type { Records } from "./discovery/sources/records.ts";
import type { IdentityVerbs } from "./discovery/verbs.ts";
import type { Teller } from "./feed/tell.ts";
import type { adviceVerbs } from "./firmware/advice-verbs.ts";
import type { FirmwareVerb } from "./firmware/verbs.ts";
import { type HistoryVerbsIo, historyVerbs } from "./health/history-verbs.ts";
import type { incidentVerbs } from "./health/incidents-verbs.ts";
import type { Poller } from "./health/poll.ts";
import { type RuleVerbsIo, ruleVerbs } from "./health/rules-verbs.ts";
import type { ReportVerb } from "./reports/campaign-desk.ts";
import { findDevice, listDevices, showDevice, whereTrouble } from "./views/devices.ts";
import { placeUsages } from "./views/place-usage.ts";
import { recordView } from "./views/records.ts";
import { listAudit, listTickets, showTicket } from "./views/tickets.ts";

export interface VerbsIo {
  readonly store: Store;
  readonly coverage: ReturnType<typeof coverageVerbs>;
  readonly configs: Pick<Verbs, ConfigVerb>;
  readonly advice: ReturnType<typeof adviceVerbs>;
  readonly campaigns: campaign.CampaignVerbsIo;
  readonly plans: PlanDesk;
  readonly kills: ReturnType<typeof killVerbs>;
  readonly clock: ClockVerbIo;
  readonly reports: { readonly report: ReportVerb };
  readonly discovery: Discovery;
  readonly records: Records;
  readonly imports: Imports;
  readonly firmware: Pick<Verbs, FirmwareVerb>;
  readonly poller: Poller;
  readonly teller: Teller;
  /** Forgets what a device showed and refused, by its MAC. @returns what was kept of it */
  readonly forget: (mac: Mac, signal: AbortSignal) => Promise<readonly PinRow[]>;
  readonly identity: IdentityVerbs;
  readonly history: HistoryVerbsIo["history"];
  readonly rules: RuleVerbsIo["rules"];
  readonly nowMs: () => Ms;
  readonly incidents: ReturnType<typeof incidentVerbs>;
  readonly status: () => unknown;
}

const done = (result: unknown, message?: string): VerbOutcome => ({ ok: true, result, ...(message === undefined ? {} : { message }) });
const none = (message: string): VerbOutcome => ({ ok: false, code: "notFound", message });
const now = async (outcome: VerbOutcome): Promise<VerbOutcome> => outcome;

export function createVerbs(io: VerbsIo): Verbs {
  const { store } = io;
  return {
    ...io.coverage,
    ...io.identity,
    ...io.incidents,
    ...io.configs,
    ...io.advice,
    ...io.firmware,
    ...io.kills,
    "campaign.plan": (args, subject) => io.plans.planned(planCampaign(args, subject, io.campaigns)),
    "campaign.rollback": (args, subject) => io.plans.planned(planRollback(args, subject, io.campaigns)),
    "campaign.close": (args, subject) => now(campaign.closeCampaign(args, subject, io.campaigns)),
    "campaign.approve": (args, subject) => now(campaign.approveCampaign(args, subject, io.campaigns)),
    "campaign.start": (args, subject) => now(campaign.startCampaign(args, subject, io.campaigns)),
    "campaign.pause": (args, subject) => now(campaign.pauseCampaign(args, subject, io.campaigns)),
    "campaign.resume": (args, subject) => now(campaign.resumeCampaign(args, subject, io.campaigns)),
    "campaign.halt": (args, subject) => now(campaign.haltCampaign(args, subject, io.campaigns)),
    "campaign.skip": (args, subject) => now(campaign.skipDevice(args, subject, io.campaigns)),
    "campaign.retry": (args, subject) => now(retryDevice(args, subject, io.campaigns)),
    "campaign.writeOff": (args, subject) => now(writeOffDevice(args, subject, io.campaigns)),
    "campaign.explain": (args) => now(explainDevice(args, { ...io.campaigns, store })),
    "campaign.status": (args) => now(campaignStatus(args, io.campaigns)),
    "campaign.show": (args) => now(showPlan(args, store)),
    "campaign.document": (args) => io.plans.document(args),
    "campaign.twin": (args) => io.plans.twin(args),
    "campaign.report": (args, _subject, signal) => io.reports.report(args, signal),
    "clock.accept": (args, subject) => now(acceptClock(args, subject, io.clock)),
    "campaign.list": () => now(done(listCampaigns(store))),
    "discover.run": async (args, _subject, signal) => {
      const foreign = io.discovery.foreign(args.networks ?? []);
      if (foreign !== undefined) return none(`"${foreign}" is not part of the configured networks: nothing is asked`);
      const [found, records] = await Promise.all([
        io.discovery.run(args.networks, signal, args.full),
        args.networks === undefined ? io.records.take("", signal) : [],
      ]);
      return done({ ...found, records: records.map(recordView) });
    },
    "discover.cancel": () => {
      const passes = io.discovery.cancel();
      return now(passes === 0 ? none("No discovery is under way") : done({ cancelled: passes }, "cancelled; what was found stays"));
    },
    "device.list": (args) => {
      const wrong = whereTrouble(args.where);
      return now(wrong === undefined ? done(listDevices(args, store)) : { ok: false, code: "nothingMatched", message: wrong });
    },
    "device.show": (args) => {
      const row = findDevice(args.device, store);
      return now(row === undefined ? none(`No device "${args.device}"`) : done(showDevice(row, store)));
    },
    ...ruleVerbs({ store, rules: io.rules, history: io.history, nowMs: io.nowMs }),
    ...historyVerbs({ store, history: io.history, nowMs: io.nowMs }),
    "place.usage": ({ place }) => {
      const view = placeUsages(place, policySchema.parse(io.campaigns.policy).quietBusyPercentMax, store);
      return now("why" in view ? none(view.why) : done(view));
    },
    "device.importPreview": (args) => now(done({ rows: io.imports.preview(args) })),
    "device.import": (args, subject) => now(done({ rows: io.imports.run(args, subject.person) })),
    "device.refresh": (args, _subject, signal) => refreshDevice(args.device, io, signal),
    "device.trust": (args, _subject, signal) => trustDevice(args.device, io, signal),
    sync: async ({ after }) => done(await io.teller.everything({ eventsAfter: after ?? 0, pause: loopTurn }), "everything is sent again"),
    "agent.status": () => now(done(io.status())),
    "ticket.list": (args) => {
      const { tickets, ...rest } = listTickets(args.state, store);
      return now(done({ ...rest, tickets: tickets.slice(-args.limit) }));
    },
    "ticket.show": (args) => {
      const ticket = showTicket(args.key, store);
      return now(ticket === undefined ? none(`No ticket "${args.key}"`) : done(ticket));
    },
    "audit.list": (args) => now(done(listAudit(args, store))),
    "audit.verify": () => now(done(verifyAudit(store))),
  };
}

function listCampaigns(store: Store) {
  const campaigns = newestAndLive(store).flatMap((summary) => {
    const stored = store.campaigns.load(summary.id);
    if (stored === undefined) return [];
    const view = campaign.viewOf(stored, store);
    return [
      {
        campaign: view.campaign,
        state: view.state,
        ...(view.why === undefined ? {} : { why: view.why }),
        release: view.release.id,
        version: view.release.version,
        planHash: view.planHash,
        planned: view.planned,
        counts: view.counts,
        created: isoOf(stored.createdAtMs),
        ...(stored.startedAtMs === undefined ? {} : { started: isoOf(stored.startedAtMs) }),
      },
    ];
  });
  return { schema: "groundswell.campaigns/1", campaigns };
}

async function refreshDevice(device: string, io: VerbsIo, signal: AbortSignal): Promise<VerbOutcome> {
  const row = findDevice(device, io.store);
  if (row === undefined) return none(`No device "${device}"`);
  if (row.ignoredAtMs !== undefined)
    return {
      ok: false,
      code: "wrongState",
      message: `${row.name} is ignored and asked nothing: adopt it first, with "groundswell inbox adopt"`,
    };
  if (refOf(row) === undefined)
    return { ok: false, code: "wrongState", message: `${row.name} has no address or family yet: it cannot be asked` };
  const read = await io.poller.refresh(row.id, signal);
  if (read === undefined) return { ok: false, code: "faulted", message: `${row.name} could not be asked` };
  return done({ read, device: showDevice(io.store.devices.load(row.id) ?? row, io.store) });
}

async function trustDevice(device: string, io: VerbsIo, signal: AbortSignal): Promise<VerbOutcome> {
  const row = findDevice(device, io.store);
  if (row === undefined) return none(`No device "${device}"`);
  if (row.mac === undefined)
    return { ok: false, code: "wrongState", message: `${row.name} has no MAC on record: nothing is kept of its doors` };
  const forgotten = (await io.forget(row.mac, signal)).map(({ via, fingerprint }) => ({ via, fingerprint }));
  const message =
    forgotten.length === 0
      ? `Nothing was kept of ${row.name}; credentials it refused may be tried again`
      : `${row.name} is trusted anew: what it shows at the next visit is kept`;
  return done({ device: row.id, forgotten }, message);
}

function verifyAudit(store: Store) {
  const verdict = store.audit.verify();
  return { schema: "groundswell.audit-verify/1", ...verdict };
}

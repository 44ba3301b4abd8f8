/**
 * Retained documents: how things stand now. Each is whole in itself, so only the newest of a topic matters.
 */
import type { CampaignId, SiteId } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { campaignTopic, deviceTopic, ticketTopic } from "../../protocols/mqtt/topics.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { OutboxMessage } from "../../store/outbox.ts";
import type { TicketRow } from "../../store/tickets.ts";
import { ticketKey } from "../tickets/key.ts";

/** Grows with every change that an old reader would misread. */
export const CONTRACT_VERSION = 1;

export interface Info {
  readonly agentVersion: string;
  readonly configRevision: string;
  readonly capabilities: readonly string[];
  /** Name of the brand pack. */
  readonly brand: string;
  /** This run of the agent. */
  readonly session: { readonly id: string; readonly sinceMs: Ms };
  /** The agent's own key: who checks its answers needs it. */
  readonly agentKey: { readonly kid: string; readonly publicKey: string };
  /** Length and last hash of the audit. */
  readonly audit: { readonly count: number; readonly hash: string };
}

/** Facts that change with each poll are left out: they travel in health batches. */
export function deviceSnapshot(site: SiteId, device: DeviceRow, atMs: Ms): OutboxMessage {
  const { id, mac, serial, family, vendor, model, partNumber, revision, name, address, running, updater } = device;
  const facts = { mac, serial, family, vendor, model, partNumber, revision, name, address, running, updater };
  const lines = device.lines.map(({ address: line, registered }) => ({ address: line, registered }));
  const { managedBy, availability, adopted, parts, switchPort } = device;
  const firstSeen = isoOf(device.firstSeenMs);
  const document = { schema: "groundswell.device/1", id, ...facts, managedBy, availability, adopted, lines, parts, switchPort, firstSeen };
  return stateMessage(deviceTopic(site, id), document, atMs);
}

export interface CampaignSummary {
  readonly id: CampaignId;
  readonly state: string;
  readonly why?: string;
  readonly planHash: string;
  readonly release: { readonly id: string; readonly title: string; readonly version: string };
  readonly waves: readonly { readonly index: number; readonly state: string; readonly devices: number }[];
  /** Tasks by state; adds up to `devices`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly devices: number;
  readonly atRisk: number;
  readonly finishP50AtMs?: Ms;
  readonly finishP90AtMs?: Ms;
}

export function campaignSnapshot(site: SiteId, campaign: CampaignSummary, atMs: Ms): OutboxMessage {
  const { finishP50AtMs, finishP90AtMs, ...rest } = campaign;
  const finish = {
    ...(finishP50AtMs === undefined ? {} : { finishP50: isoOf(finishP50AtMs) }),
    ...(finishP90AtMs === undefined ? {} : { finishP90: isoOf(finishP90AtMs) }),
  };
  return stateMessage(campaignTopic(site, campaign.id), { schema: "groundswell.campaign/1", ...rest, ...finish, at: isoOf(atMs) }, atMs);
}

/** A closed ticket's topic is cleared. */
export function ticketSnapshot(site: SiteId, row: TicketRow, atMs: Ms): OutboxMessage {
  const key = ticketKey(row.key, row.generation);
  const topic = ticketTopic(site, key);
  if (row.state === "closed") return clearMessage(topic, atMs);
  const delivery = { version: row.version, delivered: row.deliveredVersion, last: row.lastOutcome?.kind };
  const remote = { remoteId: row.remoteId, url: row.remoteUrl };
  return stateMessage(topic, { schema: "groundswell.ticketState/1", key, state: row.state, delivery, ...remote, ticket: row.doc }, atMs);
}

export function infoDocument({ session, ...info }: Info): string {
  const { id, sinceMs } = session;
  return JSON.stringify({ schema: "groundswell.info/1", contract: CONTRACT_VERSION, ...info, session: { id, since: isoOf(sinceMs) } });
}

/** Takes a retained document away: a name that no device has any more, an archived campaign. */
export function clearMessage(topic: string, atMs: Ms): OutboxMessage {
  return { topic, payload: Buffer.alloc(0), retain: true, qos: 1, kind: "state", atMs };
}

function stateMessage(topic: string, document: object, atMs: Ms): OutboxMessage {
  return { topic, payload: Buffer.from(JSON.stringify(document)), retain: true, qos: 1, kind: "state", atMs };
}

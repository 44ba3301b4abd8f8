/**
 * Retained documents: how things stand now. Each is whole in itself, so only the newest of a topic matters.
 */

import { isoOf,         } from "../../protocols/core/time.ts";
import { campaignTopic, deviceTopic, infoTopic, ticketTopic } from "../../protocols/mqtt/topics.ts";

import { ticketKey } from "../tickets/key.ts";

/** Grows with every change that an old reader would misread. */
export const CONTRACT_VERSION = 1;

/** Facts that change with each poll are left out: they travel in health batches. */
export function deviceSnapshot(site        , device           , atMs    )                {
  const { id, mac, serial, family, vendor, model, partNumber, revision, name, address, running, updater } = device;
  const facts = { mac, serial, family, vendor, model, partNumber, revision, name, address, running, updater };
  const lines = device.lines.map(({ address: line, registered }) => ({ address: line, registered }));
  const { managedBy, availability, adopted, parts, switchPort } = device;
  const firstSeen = isoOf(device.firstSeenMs);
  const document = { schema: "groundswell.device/1", id, ...facts, managedBy, availability, adopted, lines, parts, switchPort, firstSeen };
  return stateMessage(deviceTopic(site, id), document, atMs);
}

export function campaignSnapshot(site        , campaign                 , atMs    )                {
  const { finishP50AtMs, finishP90AtMs, ...rest } = campaign;
  const finish = {
    ...(finishP50AtMs === undefined ? {} : { finishP50: isoOf(finishP50AtMs) }),
    ...(finishP90AtMs === undefined ? {} : { finishP90: isoOf(finishP90AtMs) }),
  };
  return stateMessage(campaignTopic(site, campaign.id), { schema: "groundswell.campaign/1", ...rest, ...finish, at: isoOf(atMs) }, atMs);
}

/** A closed ticket's topic is cleared. */
export function ticketSnapshot(site        , row           , atMs    )                {
  const key = ticketKey(row.key, row.generation);
  const topic = ticketTopic(site, key);
  if (row.state === "closed") return clearMessage(topic, atMs);
  const delivery = { version: row.version, delivered: row.deliveredVersion, last: row.lastOutcome?.kind };
  const remote = { remoteId: row.remoteId, url: row.remoteUrl };
  return stateMessage(topic, { schema: "groundswell.ticketState/1", key, state: row.state, delivery, ...remote, ticket: row.doc }, atMs);
}

export function infoDocument(info      )         {
  return JSON.stringify({ schema: "groundswell.info/1", contract: CONTRACT_VERSION, ...info });
}

export function infoMessage(site        , info      , atMs    )                {
  return { topic: infoTopic(site), payload: Buffer.from(infoDocument(info)), retain: true, qos: 1, kind: "state", atMs };
}

/** Takes a retained document away: a removed device, an archived campaign. */
export function clearMessage(topic        , atMs    )                {
  return { topic, payload: Buffer.alloc(0), retain: true, qos: 1, kind: "state", atMs };
}

function stateMessage(topic        , document        , atMs    )                {
  return { topic, payload: Buffer.from(JSON.stringify(document)), retain: true, qos: 1, kind: "state", atMs };
}


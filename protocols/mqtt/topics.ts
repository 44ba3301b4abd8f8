/**
 * The names of all topics, and the only place they are spelled. Device-supplied text never reaches a topic: every
 * part is one of our own ids or is checked here.
 */
import type { CampaignId, DeviceId, SiteId } from "../core/ids.ts";

const ROOT = "groundswell/v1";

/** Parts that come from a client or a ticket key: letters, digits, dot, dash and underscore, never a wildcard or a slash. */
const SAFE_PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

export function isTopicPart(text: string): boolean {
  return SAFE_PART.test(text);
}

/** The prefix a site may publish below. Ends in a slash. */
export function sitePrefix(site: SiteId): string {
  return `${ROOT}/${site}/`;
}

/** Retained; also the will: `online` or `offline`. */
export function stateTopic(site: SiteId): string {
  return `${ROOT}/${site}/state`;
}

/** Retained: versions, capabilities, brand. */
export function infoTopic(site: SiteId): string {
  return `${ROOT}/${site}/info`;
}

/** Retained: what one device says of itself. */
export function deviceTopic(site: SiteId, device: DeviceId): string {
  return `${ROOT}/${site}/device/${device}`;
}

export function healthTopic(site: SiteId): string {
  return `${ROOT}/${site}/feed/health`;
}

/** One CloudEvent type: `device.found`. The type is one of ours (`agent/feed/events.ts`). */
export function eventTopic(site: SiteId, type: string): string {
  return `${ROOT}/${site}/event/${type}`;
}

/** Retained until the campaign is archived. */
export function campaignTopic(site: SiteId, campaign: CampaignId): string {
  return `${ROOT}/${site}/campaign/${campaign}`;
}

/** Retained while the ticket is open. `key` is a ticket key: base32, a dot and a generation. */
export function ticketTopic(site: SiteId, key: string): string {
  return `${ROOT}/${site}/ticket/${key}`;
}

/** Commands in. Never retained. */
export function commandTopic(site: SiteId): string {
  return `${ROOT}/${site}/cmd`;
}

/** Answers to one client. `undefined` where a part is not safe in a topic. */
export function replyTopic(site: SiteId, client: string, id: string): string | undefined {
  return isTopicPart(client) && isTopicPart(id) ? `${ROOT}/${site}/reply/${client}/${id}` : undefined;
}

/** Is this a topic we may answer on: exactly `reply/<client>/<id>` below our own site. A client names it, so it is not trusted. */
export function isReplyTopic(site: SiteId, topic: string): boolean {
  const prefix = `${ROOT}/${site}/reply/`;
  if (topic.length > 300 || !topic.startsWith(prefix)) return false;
  const parts = topic.slice(prefix.length).split("/");
  return parts.length === 2 && parts.every(isTopicPart);
}

/** What a technician's client listens to for its answers. `undefined` where the client's name is not safe in a topic. */
export function replyFilter(site: SiteId, client: string): string | undefined {
  return isTopicPart(client) ? `${ROOT}/${site}/reply/${client}/+` : undefined;
}

/** Everything of one site, or of all sites: for the portal's side and for tests. */
export function everythingFilter(site?: SiteId): string {
  return site === undefined ? `${ROOT}/#` : `${ROOT}/${site}/#`;
}

/** May this user, whose name is its site's id, publish here? Everything below its own prefix except its own command topic. */
export function siteMayPublish(site: SiteId, topic: string): boolean {
  return topic.startsWith(sitePrefix(site)) && topic !== commandTopic(site) && !/[+#]/.test(topic);
}

/** May this site listen here? Only to its own commands. */
export function siteMaySubscribe(site: SiteId, filter: string): boolean {
  return filter === commandTopic(site);
}

/** May a technician's or portal's user publish here? Only commands. */
export function deskMayPublish(topic: string): boolean {
  return /^groundswell\/v1\/[a-z0-9-]{3,64}\/cmd$/.test(topic);
}

/** May it listen here? Anything of ours. */
export function deskMaySubscribe(filter: string): boolean {
  return filter.startsWith(`${ROOT}/`);
}

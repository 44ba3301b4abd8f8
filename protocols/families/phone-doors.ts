/**
 * What the open doors of an address say about phones and video systems, without a password. Pure.
 * Source: protocols/uc-phones.md 2 and 7; protocols/video.md 1.
 */

import type { DeviceFacts, Evidence, FamilyId } from "../core/device.ts";
import type { Ms } from "../core/time.ts";
import { macOfName } from "../http/certificate.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";
import type { FirstLook, Recognised } from "./family.ts";

import { familyOfModel, normaliseModel } from "./models.ts";
import { mayBe, ouiOf } from "./oui.ts";
import { parseUserAgent } from "./user-agent.ts";
import { factsOfFactoryName } from "./video-names.ts";

/** How much each sign is worth; the strongest counts. A model is certain, a maker only likely. */
const SURE = { model: 0.95, server: 0.8, maker: 0.5, hint: 0.3 } as const;

const ANY_PHONE_SERVER = /Polycom SoundPoint IP Telephone HTTPd/i;
const EDGE_SERVER = /Poly Edge Telephone HTTPd/i;
const TEXT_CHARS = 120;

/** Facts of the certificate: `CN=<MAC>`, `O=Polycom Inc.`. A video system may show its serial number instead. */
export function factsOfCertificate(tls: NonNullable<FirstLook["tls"]>): DeviceFacts {
  const name = tls.commonName ?? "";
  const mac = macOfName(name);
  const vendor = /^poly(?:com)?\b/i.exec(tls.organisation ?? "")?.[0];
  return {
    ...(vendor === undefined ? {} : { vendor: vendor.toLowerCase() === "polycom" ? "Polycom" : "Poly" }),
    ...(mac === undefined ? {} : { mac }),
  };
}

function evidenceOf(look: FirstLook, atMs: Ms): Evidence[] {
  const { tls, sip } = look;
  const cut = (text: string): string => text.slice(0, TEXT_CHARS);
  return [
    ...(tls === undefined ? [] : [{ via: "tls" as const, what: cut(`certificate ${tls.commonName ?? "without a name"}`), atMs }]),
    ...(tls?.serverHeader === undefined ? [] : [{ via: "https" as const, what: cut(`Server ${tls.serverHeader}`), atMs }]),
    ...(tls?.title === undefined ? [] : [{ via: "https" as const, what: cut(`title ${tls.title}`), atMs }]),
    ...(sip?.userAgent === undefined ? [] : [{ via: "sip" as const, what: cut(`User-Agent ${sip.userAgent}`), atMs }]),
  ];
}

function answer(confidence: number, facts: DeviceFacts, look: FirstLook, atMs: Ms): Recognised | undefined {
  return confidence === 0 ? undefined : { confidence, facts, evidence: evidenceOf(look, atMs) };
}

/** What a SIP User-Agent says. */
interface Agent {
  readonly family: FamilyId | undefined;
  readonly facts: DeviceFacts;
}

function agentOf(look: FirstLook): Agent | undefined {
  const agent = parseUserAgent(look.sip?.userAgent ?? "");
  if (agent === undefined) return undefined;
  const { vendor, family, model, running, mac } = agent;
  const facts: DeviceFacts = {
    ...(vendor === undefined ? {} : { vendor }),
    ...(family === undefined ? {} : { family }),
    ...(model === undefined ? {} : { model }),
    ...(running === undefined ? {} : { running }),
    ...(mac === undefined ? {} : { mac }),
  };
  return { family, facts };
}

export function recognisePhone(look: FirstLook, atMs: Ms): Recognised | undefined {
  const shown = look.tls === undefined ? {} : factsOfCertificate(look.tls);
  const agent = agentOf(look);
  const title = normaliseModel(look.tls?.title ?? "");
  const titled = familyOfModel(title) === "uc-phone";
  // Certain knowledge of another family beats every weaker sign.
  if (agent?.family !== undefined && agent.family !== "uc-phone") return undefined;
  const confidence = Math.max(
    agent?.family === "uc-phone" || titled ? SURE.model : 0,
    EDGE_SERVER.test(look.tls?.serverHeader ?? "") || ANY_PHONE_SERVER.test(look.tls?.serverHeader ?? "") ? SURE.server : 0,
    mayBe(shown.mac).includes("uc-phone") ? SURE.maker : 0,
    shown.vendor !== undefined && shown.mac !== undefined && ouiOf(shown.mac) === undefined ? SURE.hint : 0,
  );
  const facts: DeviceFacts = {
    ...shown,
    ...agent?.facts,
    ...(titled ? { model: title } : {}),
    ...(shown.mac === undefined ? {} : { mac: shown.mac }),
    family: "uc-phone",
  };
  return answer(confidence, facts, look, atMs);
}

/** sysDescr names the model on HDX and VSX alone; elsewhere an administrator may change it. Source: protocols/snmp.md 2. */
function endpointOf(look: FirstLook): FamilyId | undefined {
  return isUnder(look.snmp?.sysObjectId ?? "", ENTERPRISE.viaVideo)
    ? familyOfModel(look.snmp?.sysDescr?.replaceAll('"', "") ?? "")
    : undefined;
}

/** Does SIP, a page or SNMP name one of the families? What a block of MACs may be says nothing then. */
function isNamed(look: FirstLook): boolean {
  const titled = familyOfModel(normaliseModel(look.tls?.title ?? ""));
  return (agentOf(look)?.family ?? titled ?? endpointOf(look)) !== undefined || EDGE_SERVER.test(look.tls?.serverHeader ?? "");
}

/**
 * A family by the certificate's MAC alone: as likely as every other one of that block, and so an ambiguity wherever the block is
 * shared. `undefined` where something names a family.
 */
export function recogniseByBlock(family: FamilyId, look: FirstLook, atMs: Ms): Recognised | undefined {
  const shown = look.tls === undefined ? {} : factsOfCertificate(look.tls);
  if (isNamed(look) || !mayBe(shown.mac).includes(family)) return undefined;
  return answer(SURE.maker, shown, look, atMs);
}

/**
 * A SoundPoint or SoundStation by what SIP or its page names. The web server's header is the same on VVX and Trio: where nothing
 * names a model, a MAC of a block they share is as likely one as the other. Source: protocols/uc-phones.md 2.
 */
export function recogniseSoundPoint(look: FirstLook, atMs: Ms): Recognised | undefined {
  const agent = agentOf(look);
  const title = normaliseModel(look.tls?.title ?? "");
  const titled = familyOfModel(title) === "soundpoint";
  const shown = look.tls === undefined ? {} : factsOfCertificate(look.tls);
  if (agent?.family !== "soundpoint" && !titled) {
    const byBlock = recogniseByBlock("soundpoint", look, atMs);
    if (byBlock === undefined || !ANY_PHONE_SERVER.test(look.tls?.serverHeader ?? "")) return byBlock;
    return { ...byBlock, confidence: SURE.server };
  }
  const facts: DeviceFacts = {
    ...shown,
    ...agent?.facts,
    ...(titled ? { model: title } : {}),
    ...(shown.mac === undefined ? {} : { mac: shown.mac }),
    family: "soundpoint",
  };
  return answer(SURE.model, facts, look, atMs);
}

/** A factory name begins with the model. */
const factoryModel = (text: string): string => factsOfFactoryName(text)?.model ?? text;

/** VideoOS and Group look alike from outside unless SIP or a page names the model: then both are equally likely, and say so. */
export function recogniseVideo(family: "video-os" | "group", look: FirstLook, atMs: Ms): Recognised | undefined {
  const shown = look.tls === undefined ? {} : factsOfCertificate(look.tls);
  const agent = agentOf(look);
  const title = normaliseModel(look.tls?.title ?? "");
  const model = familyOfModel(title) === family ? title : undefined;
  const other = agent?.family ?? familyOfModel(title) ?? endpointOf(look);
  if (other !== undefined && other !== family && model === undefined) return undefined;
  const confidence = Math.max(
    agent?.family === family || model !== undefined ? SURE.model : 0,
    mayBe(shown.mac).includes(family) ? SURE.maker : 0,
    // The factory text of both. Source: protocols/snmp.md 2.
    look.snmp?.sysDescr === "Videoconferencing Device" ? SURE.maker : 0,
    [look.snmp?.sysDescr, look.snmp?.sysName].some((text) => familyOfModel(factoryModel(text ?? "")) === family) ? SURE.hint : 0,
  );
  const sure = confidence === SURE.model;
  const facts: DeviceFacts = {
    ...shown,
    ...agent?.facts,
    ...(model === undefined ? {} : { model }),
    ...(shown.mac === undefined ? {} : { mac: shown.mac }),
    ...(sure ? { family } : {}),
  };
  return answer(confidence, facts, look, atMs);
}

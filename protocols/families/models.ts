/**
 * One spelling per model over every source: REST, User-Agents, page titles, DHCP, LLDP, CDP, master file elements.
 */
import type { FamilyId } from "../core/device.ts";

/** One way of writing a group of models, over the name without blanks and separators, in lower case. */
interface Form {
  readonly form: RegExp;
  readonly spell: (match: RegExpExecArray) => string;
  /** `undefined` for models that are not ours to know. */
  readonly family: FamilyId | undefined;
}

const part = (match: RegExpExecArray, index: number): string => match[index] ?? "";

/**
 * Names as printed by REST on the left of each family's own documents; everything else is mapped on to them.
 * A form may be preceded by its family's name (`VVX-VVX_311`, `SoundPointIP-SPIP_601`, `RealPresenceTrio-Trio_8800`).
 * Source: protocols/uc-phones.md 2, 7; protocols/provisioning.md 2, 4, 5, 6; protocols/video.md 1, 2; protocols/snmp.md 5.
 */
const FORMS: readonly Form[] = [
  { form: /^(?:vvx)+(d?\d{2,4})$/, spell: (m) => `VVX ${part(m, 1).toUpperCase()}`, family: "uc-phone" },
  { form: /^(?:realpresence)?(?:trio)+(\d{4}|c60)$/, spell: (m) => `Trio ${part(m, 1).toUpperCase()}`, family: "uc-phone" },
  { form: /^(?:realpresence)?(?:trio)+visual\+?$/, spell: () => "Trio Visual+", family: "uc-phone" },
  { form: /^(?:ccx)+(\d{3})$/, spell: (m) => `CCX ${part(m, 1)}`, family: "uc-phone" },
  { form: /^(?:edge)+(e\d{2,3})$/, spell: (m) => `Edge ${part(m, 1).toUpperCase()}`, family: "uc-phone" },
  { form: /^(?:soundpointip|soundpoint|spip)+(\d{3})$/, spell: (m) => `SoundPoint IP ${part(m, 1)}`, family: "soundpoint" },
  { form: /^(?:soundstationip|soundstation|ssip)+(\d{4})$/, spell: (m) => `SoundStation IP ${part(m, 1)}`, family: "soundpoint" },
  { form: /^(?:soundstationip|soundstation|ssip)+(duo)$/, spell: () => "SoundStation Duo", family: "soundpoint" },
  { form: /^(?:gseries)?(?:studio)+(x\d{2})$/, spell: (m) => `Studio ${part(m, 1).toUpperCase()}`, family: "video-os" },
  { form: /^(?:gseries)?(g7500|g62)$/, spell: (m) => part(m, 1).toUpperCase(), family: "video-os" },
  { form: /^(tc(?:8|10))$/, spell: (m) => part(m, 1).toUpperCase(), family: "video-os" },
  { form: /^(?:realpresence)?(?:group)+(?:series)?(\d{3})$/, spell: (m) => `RealPresence Group ${part(m, 1)}`, family: "group" },
  { form: /^hdx?(\d{4})(?:hd|xl|xlp)?$/, spell: (m) => `HDX ${part(m, 1)}`, family: "hdx" },
  { form: /^vsx(\d{4}[a-z]?)$/, spell: (m) => `VSX ${part(m, 1).toUpperCase()}`, family: "hdx" },
  { form: /^cx(\d{3,4})(?:rev\d+)?$/, spell: (m) => `CX${part(m, 1)}`, family: undefined },
];

/** Words a vendor puts before its names: apart by a separator in any case, or joined in its own capitals (`PolyStudioX30`). */
const VENDOR_WORD = /^(?:polycom|poly|hp)(?:,?\s*inc\.?)?(?=[\s_\-.,;]|$)[\s_\-.,;]*/i;
const VENDOR_JOINED = /^(?:Polycom|Poly)(?=[A-Z])/;

function bare(text: string): string {
  let rest = text.trim();
  for (let i = 0; i < 3; i++) {
    const next = rest
      .replace(/^(?:G_SERIES|FileTransport)[\s_-]+/i, "")
      .replace(VENDOR_WORD, "")
      .replace(VENDOR_JOINED, "");
    if (next === rest) break;
    rest = next;
  }
  return rest.replace(/-UA(?:\/.*)?$/i, "");
}

function formOf(text: string): { form: Form; match: RegExpExecArray } | undefined {
  if (text.length > 128) return undefined;
  const plain = bare(text)
    .replaceAll(/[\s_\-./()]+/g, "")
    .toLowerCase();
  for (const form of FORMS) {
    const match = form.form.exec(plain);
    if (match !== null) return { form, match };
  }
  return undefined;
}

/**
 * A model's one spelling: `VVX 411`, `Trio 8800`, `CCX 600`, `Edge E350`, `SoundPoint IP 550`, `Studio X50`, `TC8`,
 * `RealPresence Group 500`, `HDX 9006`. A name we do not know keeps its words, without vendor and underscores.
 */
export function normaliseModel(text: string): string {
  const known = formOf(text);
  if (known !== undefined) return known.form.spell(known.match);
  return bare(text)
    .replaceAll(/[\s_]+/g, " ")
    .trim();
}

/** The family a model belongs to, in any spelling; `undefined` for models that are not ours to know (Lync phones, cameras). */
export function familyOfModel(model: string): FamilyId | undefined {
  return formOf(model)?.form.family;
}

/** The suffix a master file gives a model's element and attributes: `VVX411`, `SPIP550`, `SSIP6000`, `Trio8800`. Source: protocols/provisioning.md 5. */
export function masterFileModel(model: string): string {
  return normaliseModel(model)
    .replace(/^SoundPoint IP /, "SPIP")
    .replace(/^SoundStation IP /, "SSIP")
    .replaceAll(/[\s_]+/g, "");
}

/** The maker a name begins with, as it spells itself: HP's newer devices say `Poly`, older ones `Polycom`. */
export function vendorOf(text: string): "Poly" | "Polycom" | undefined {
  const match = /^\s*(polycom|poly)(?![a-z])/i.exec(text) ?? /^\s*(Polycom|Poly)(?=[A-Z])/.exec(text);
  if (match?.[1] === undefined) return undefined;
  return match[1].toLowerCase() === "polycom" ? "Polycom" : "Poly";
}

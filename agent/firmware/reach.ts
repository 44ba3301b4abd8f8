/**
 * What makes an advisory reachable on one device, as far as stored readings and settings really tell. Nothing is asked for it, and what
 * they do not tell is not known: never "no". Pure.
 */
import { REACH, type ReachId } from "../../firmware/advisories/known.ts";
import { unreachable } from "../../protocols/core/fault.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { LAYERS_KNOWN } from "../../protocols/families/settings.ts";
import type { FactRow } from "../../store/devices.ts";
import type { Line } from "../config-watch/canonical.ts";
import { keyIdsIn, marked, type WatchKeys } from "../config-watch/keys.ts";

/** `notKnown` is most of them. */
export interface Reached {
  readonly what: string;
  readonly state: "yes" | "no" | "notKnown";
  readonly how: string;
}

/** What is stored of a device. */
export interface Stored {
  /** Its newest settings, secrets as marks. */
  readonly lines: readonly Line[];
  readonly facts: readonly FactRow[];
}

export function reachOf(reach: ReachId, stored: Stored, keys: Pick<WatchKeys, "mark" | "id">): Reached {
  const say = (state: Reached["state"], how: string): Reached => ({ what: REACH[reach], state, how });
  switch (reach) {
    case "adb":
      return say("notKnown", "the agent asks no device for TCP 5555");
    case "ice":
      return say(...iceOf(stored));
    case "web":
      return say(...webOf(stored));
    case "factoryPassword":
      return say(...factoryPasswordOf(stored, keys));
    default:
      return unreachable(reach);
  }
}

type Found = readonly [Reached["state"], string];

/** The value that counts: that of the strongest layer. */
function effective(lines: readonly Line[], fits: (key: string) => boolean): readonly Line[] {
  const rank = ({ layer }: Line): number => (layer === undefined ? LAYERS_KNOWN.length : LAYERS_KNOWN.indexOf(layer));
  const strongest = new Map<string, Line>();
  for (const line of lines.filter(({ key }) => fits(key)).toSorted((a, b) => rank(a) - rank(b))) strongest.set(line.key, line);
  return [...strongest.values()];
}

const OFF = /^(?:|0|false|no|off|disabled?|none)$/i;

/** No document names the setting: a name with the word in it may say that it is on, and never that it is off. */
function iceOf({ lines }: Stored): Found {
  const found = effective(lines, (key) => key.toLowerCase().split(".").includes("ice"));
  const [on] = found.filter(({ key, value }) => /(?:mode|enabled?|ice)$/i.test(key) && !OFF.test(value.trim()));
  if (on !== undefined) return ["yes", `its settings say ${on.key} = ${on.value}; no document explains that name`];
  const [other] = found;
  if (other === undefined) return ["notKnown", "no stored settings of it name ICE"];
  return ["notKnown", `its settings say ${other.key} = ${other.value}; no document explains that name`];
}

/** Source: protocols/uc-phones.md 5: `httpd.cfg.enabled=0` removes the web pages and REST with them. */
function webOf({ lines, facts }: Stored): Found {
  const [set] = effective(lines, (key) => key === "httpd.cfg.enabled");
  if (set !== undefined && /^(?:0|false)$/.test(set.value.trim())) return ["no", `its settings say httpd.cfg.enabled = ${set.value}`];
  const answered = facts
    .filter(({ source }) => source === "device")
    .flatMap(({ evidence }) => evidence)
    .filter(({ via }) => via === "https" || via === "http")
    .toSorted((a, b) => b.atMs - a.atMs)[0];
  if (answered !== undefined) return ["yes", `it answered by ${answered.via} at ${isoOf(answered.atMs)}`];
  if (set !== undefined) return ["yes", `its settings say httpd.cfg.enabled = ${set.value}`];
  return ["notKnown", "it has answered neither by HTTPS nor told its setting httpd.cfg.enabled"];
}

/** Source: protocols/uc-phones.md 3: factory password 456 of the administrator. */
const FACTORY = "456";

/** Only that it is: a name of the administrator's password is in no document, so another value proves nothing. */
function factoryPasswordOf({ lines }: Stored, keys: Pick<WatchKeys, "mark" | "id">): Found {
  const secrets = effective(lines, (key) => /admin/i.test(key)).filter(({ value }) => keyIdsIn(value).length > 0);
  const found = secrets.find(({ key, value }) => value === marked(key, FACTORY, keys));
  if (found !== undefined) return ["yes", `its setting ${found.key} holds the factory password`];
  return ["notKnown", "no stored settings of it show the factory password"];
}

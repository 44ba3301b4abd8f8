/**
 * Settings of a device and their differences for people. Pure. The only user of `diff`: it finds the words that differ in long values.
 */
import { diffWordsWithSpace } from "diff";
import type { ChangeCounts, ChangeShown, ConfigShown, DiffShown, LineShown, RestoreShown } from "./device-config-results.ts";
import { counted, facts, showBytes } from "./show.ts";

type When = (iso: string | null | undefined) => string;

/** Who is behind a version, in words. */
export function causeText(cause: string, campaign: string | null | undefined): string {
  switch (cause) {
    case "first":
      return "first seen";
    case "campaign":
      return `campaign ${campaign ?? "of unknown name"}`;
    case "phone":
      return "at the phone";
    case "web":
      return "on its web page";
    case "key":
      return "the agent has another key";
    default:
      return "unknown";
  }
}

/** `+2 -1 ~3`; nothing where nothing changed. */
export function countsText({ added, removed, changed }: ChangeCounts): string {
  const parts = [added > 0 ? `+${added}` : "", removed > 0 ? `-${removed}` : "", changed > 0 ? `~${changed}` : ""];
  return parts.filter((part) => part !== "").join(" ");
}

export function configText(shown: ConfigShown, when: When): string {
  const { name, model, what, since, until, settings, cause, campaign, lines, left } = shown;
  const head = [name, model, what].filter((part) => typeof part === "string").join(" · ");
  const known = facts([
    ["since", when(since)],
    ["last seen so", when(until)],
    ["changed by", causeText(cause, campaign)],
    ["settings", `${settings}; secrets are shown as ***`],
  ]);
  const more = typeof left === "number" ? `  … ${counted(left, "setting")} more; --json shows as many\n` : "";
  return `${head}\n${known}${lines.map((line) => `${lineText(line)}\n`).join("")}${more}`;
}

export function lineText({ key, layer, value }: LineShown): string {
  return `${key}${typeof layer === "string" ? ` [${layer}]` : ""} = ${value}`;
}

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const paint = (text: string, colour: number, on: boolean): string => (on && text !== "" ? `\u001b[${colour}m${text}\u001b[0m` : text);

/** Below it both values fit beside each other on one line. */
const SHORT_CHARS = 40;

export function diffText(shown: DiffShown, when: When, colour: boolean): string {
  const { a, b, what, counts, changes, incomparable, left } = shown;
  const two = a.device !== b.device;
  const from = two ? `${a.name}, since ${when(a.since)}` : `since ${when(a.since)}`;
  const to = two ? `${b.name}, since ${when(b.since)}` : `since ${when(b.since)}`;
  const models = two && a.model !== b.model ? `  They are of different models (${a.model ?? "unknown"}, ${b.model ?? "unknown"}).\n` : "";
  const head = `${two ? `${a.name} and ${b.name}` : b.name} · ${what}\n  - ${from}\n  + ${to}\n${models}`;
  const total = changes.length === 0 ? "  No difference.\n" : `  ${countWords(counts)}\n\n`;
  const doubt =
    incomparable.length === 0
      ? ""
      : `  Not known whether these secrets are the same, because the agent's key changed in between: ${incomparable.join(", ")}\n`;
  const more = typeof left === "number" ? `  … ${left} more\n` : "";
  return `${head}${total}${changes.map((change) => changeText(change, colour)).join("")}${more}${doubt}`;
}

function countWords({ added, removed, changed }: ChangeCounts): string {
  return `${counted(added, "setting")} added, ${removed} removed, ${changed} changed`;
}

type Values = ChangeShown["was"];
export const valuesText = (values: Values): string =>
  values.map(({ layer, value }) => `${value}${typeof layer === "string" ? ` (${layer})` : ""}`).join(", ");

function changeText({ key, kind, secret, was, is }: ChangeShown, colour: boolean): string {
  const [before, after] = [valuesText(was), valuesText(is)];
  if (kind === "added") return `${paint(`+ ${key} = ${after}`, GREEN, colour)}\n`;
  if (kind === "removed") return `${paint(`- ${key} = ${before}`, RED, colour)}\n`;
  const name = paint(`~ ${key}`, YELLOW, colour);
  if (secret && before === after) return `${name}: another secret\n`;
  if (before.length <= SHORT_CHARS && after.length <= SHORT_CHARS) {
    return `${name}: ${paint(before === "" ? "(empty)" : before, RED, colour)} → ${paint(after === "" ? "(empty)" : after, GREEN, colour)}\n`;
  }
  const words = diffWordsWithSpace(before, after);
  const side = (skip: "added" | "removed", hue: number): string =>
    words
      .filter((part) => part[skip] !== true)
      .map((part) => paint(part.value, hue, colour && (part.added === true || part.removed === true)))
      .join("");
  return `${name}\n    - ${side("added", RED)}\n    + ${side("removed", GREEN)}\n`;
}

export function restoreText(shown: RestoreShown, path: string, when: When): string {
  const { name, file, sizeBytes, settings, secrets, since, apply } = shown;
  const secretWords =
    secrets === 0 ? "none that is known by its name" : `${counted(secrets, "secret")} in clear: take it away when it is done`;
  return `${path}\n${facts([
    ["of", name],
    ["as it was", when(since)],
    ["holds", `${counted(settings, "setting")}, ${showBytes(sizeBytes)}`],
    ["secrets", secretWords],
    ["its name", file],
    ["apply", apply],
  ])}  Nothing was sent to the device.\n`;
}

/** Coverage in words. Pure. */
import type { Imported, Summary } from "./coverage-results.ts";
import { type Health, type OutputMode, showState } from "./output.ts";
import { counted, facts } from "./show.ts";

const STATES: Readonly<Record<string, readonly [Health, string]>> = {
  covered: ["ok", "covered"],
  expiring: ["warning", "ends soon"],
  lapsed: ["error", "lapsed"],
  notCovered: ["error", "NOT COVERED"],
  unknown: ["unknown", "unknown"],
};

/** For people with shape and word; for scripts the word of `device list --where`. */
export function stateText(state: string, colour: boolean, mode: OutputMode): string {
  if (mode !== "text") return state === "notCovered" ? "none" : state;
  const [health, word] = STATES[state] ?? ["unknown", state];
  return showState(health, { colour, word });
}

/** In one cell: `until 2027-01-19`, `ends 2026-12-01`, `NOT COVERED`. */
export function shortCoverage(
  coverage: { readonly state: string; readonly until?: string | null | undefined } | null | undefined,
  mode: OutputMode,
): string {
  if (coverage === undefined || coverage === null) return "-";
  const { state, until } = coverage;
  if (mode !== "text") return state === "notCovered" ? "none" : state;
  if (state === "covered") return typeof until === "string" ? `until ${until}` : "covered";
  if (state === "expiring") return `ends ${until ?? "soon"}`;
  if (state === "lapsed") return typeof until === "string" ? `ended ${until}` : "lapsed";
  return state === "notCovered" ? "NOT COVERED" : state;
}

type Counts = Pick<Summary, "covered" | "expiring" | "lapsed" | "notCovered" | "unknown">;

/** `111 covered, 7 not covered`; parts that are none are left out. */
export function countsText({ covered, expiring, lapsed, notCovered, unknown }: Counts): string {
  const parts = [`${covered + expiring} covered${expiring === 0 ? "" : ` (${expiring} end within 90 days)`}`];
  if (lapsed > 0) parts.push(`${lapsed} lapsed`);
  if (notCovered > 0) parts.push(`${notCovered} not covered`);
  if (unknown > 0) parts.push(`${unknown} unknown`);
  return parts.join(", ");
}

/** What to do next about a state of things. */
export function nextStep({ lists, notCovered, lapsed, expiring }: Counts & { readonly lists: number }): string | undefined {
  if (lists === 0) return "groundswell coverage import FILE";
  if (notCovered > 0) return "groundswell coverage register";
  if (lapsed + expiring > 0) return "groundswell coverage propose";
  return undefined;
}

export function summaryText(summary: Summary, colour: boolean): string {
  const { devices, lists, ending, registrations, notCovered, registrationFile } = summary;
  if (devices === 0 && lists.length === 0)
    return "No Poly product is known yet, and no list of entitlements was taken in.\n  →  groundswell discover\n  →  groundswell coverage import FILE\n";
  const next = nextStep({ ...summary, lists: lists.length });
  const state = (name: keyof Counts): string => stateText(name, colour, "text");
  const rows = (["covered", "expiring", "lapsed", "notCovered", "unknown"] as const).map(
    (name) => [state(name), String(summary[name])] as const,
  );
  const handed = Object.entries(registrations).filter(([, count]) => count > 0);
  const more = facts([
    ["ends", ending.map(({ until, daysLeft, devices: many }) => `${until} in ${daysLeft} d (${counted(many, "device")})`).join(", ")],
    ["lists", lists.length === 0 ? "none taken in yet: nothing can be said of any device" : lists.map(listText).join("; ")],
    ["handed in", handed.map(([name, count]) => `${count} ${name}`).join(", ")],
    ["file", notCovered > 0 ? registrationFile : undefined],
    ["next", next],
  ]);
  return `${counted(devices, "Poly product")}\n${rows.map(([name, count]) => `  ${count.padStart(6)}  ${name}\n`).join("")}${more}`;
}

function listText({ source, name, listed, takenAt }: Summary["lists"][number]): string {
  return `${source}: ${name}, ${counted(listed, "line")}, taken in ${takenAt.slice(0, 10)}`;
}

/** Changes shown to a person; scripts get more of them with --json. */
const SHOWN = 30;

export function importText(imported: Imported): string {
  const { taken, dryRun, listed, unchanged, added, changed, removed, changes, effect, effects, note, losesTooMuch } = imported;
  const head = dryRun
    ? "Nothing is changed yet: this is what would happen."
    : taken
      ? "Taken in."
      : "The list is as it was: nothing is changed.";
  const lines = changes.slice(0, SHOWN).map(changeText);
  const more = changes.length > SHOWN ? [`  … and ${added + changed + removed - SHOWN} more`] : [];
  const becomes = effect.slice(0, SHOWN).map(({ name, was, becomes: state }) => `  ${name}: ${wordOf(was)} → ${wordOf(state)}`);
  const others = effects > becomes.length ? [`  … and ${effects - becomes.length} more`] : [];
  return [
    head,
    `${counted(listed, "line")}: ${added} added, ${changed} changed, ${removed} removed, ${unchanged} as they were`,
    ...lines,
    ...more,
    ...(effects === 0 ? [] : [`${counted(effects, "device")} ${dryRun ? "would change" : "changed"}:`, ...becomes, ...others]),
    ...(typeof note === "string" ? [note] : []),
    ...(losesTooMuch === true ? ["Most of the earlier list would go: it is taken in only with --accept-removals."] : []),
  ].join("\n");
}

const wordOf = (state: string): string => STATES[state]?.[1] ?? state;

function changeText({ what, serial, mac, model, contract, was, until }: Imported["changes"][number]): string {
  const names = [serial, mac, model, contract].filter((part) => typeof part === "string").join(" ");
  const days = what === "changed" ? `${was ?? "no end"} → ${until ?? "no end"}` : (until ?? was ?? "");
  return `  ${{ added: "+", removed: "−", changed: "~" }[what] ?? what} ${names}${days === "" ? "" : `  ${days}`}`;
}

export function handedInText({
  devices,
  earlier,
  left,
  dryRun,
}: {
  readonly devices: readonly {
    readonly name: string;
    readonly state: string;
    readonly reference?: string | null | undefined;
    readonly why?: string | null | undefined;
  }[];
  readonly earlier: number;
  readonly left?: number | undefined;
  readonly dryRun: boolean;
}): string {
  const lines = devices.map(
    ({ name, state, reference, why }) =>
      `  ${name}: ${dryRun ? "would be handed in" : state}${typeof reference === "string" ? ` as ${reference}` : ""}${typeof why === "string" ? ` (${why})` : ""}`,
  );
  const rest = left === undefined || left === 0 ? [] : [`${left} wait: give the command again later`];
  const head =
    devices.length === 0
      ? "No device has to be registered"
      : dryRun
        ? `${counted(devices.length, "device")} would be handed in`
        : `${devices.filter(({ state }) => state === "registered").length} of ${counted(devices.length + (left ?? 0), "device")} registered`;
  return [`${head}${earlier === 0 ? "." : `; ${earlier} handed in earlier.`}`, ...lines, ...rest].join("\n");
}

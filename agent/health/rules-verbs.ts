/**
 * The rules as people and scripts see them: what is in force, and what others would have done.
 */
import { parseDeviceId } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Verbs } from "../commands/handle.ts";
import { showPath } from "../config/problem.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { findDevice } from "../views/devices.ts";
import { type Firing, isTriable } from "./dry-run.ts";
import { type CheckedRules, checkRules, type RuleSet } from "./rule-file.ts";
import type { Rule } from "./rules-schema.ts";
import { isFor } from "./rules-scope.ts";
import { formWords, viewRule } from "./rules-view.ts";

export interface RuleVerbsIo {
  readonly store: Pick<Store, "devices" | "conditions">;
  readonly rules: RuleSet;
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly nowMs: () => Ms;
}

/** Told of one page; more of one page are counted. A guess: nobody reads further. */
const FIRINGS_TOLD = 500;

export function ruleVerbs(io: RuleVerbsIo): Pick<Verbs, "rules.list" | "rules.try"> {
  return {
    "rules.list": async () => ({ ok: true, result: listRules(io) }),
    "rules.try": async (args, _subject, signal) => {
      const checked = checkRules(args.rules);
      const [first] = checked.problems;
      if (first !== undefined) {
        const many = checked.problems.length;
        return no(
          "wrongState",
          `${showPath(first.at)}: ${first.what}${many > 1 ? `, and ${many - 1} more` : ""}: groundswell rules check shows all`,
        );
      }
      const one = args.only === undefined ? undefined : findDevice(args.only, io.store);
      if (args.only !== undefined && one === undefined) return no("notFound", `No device "${args.only}"`);
      const rules = tried(checked, args.all);
      if (rules.length === 0) return no("nothingMatched", "The file adds no rule and changes none: there is nothing to try");
      const toMs = args.toMs ?? io.nowMs();
      const rows = one === undefined ? pageOf(args, io.store) : [one];
      const span = { fromMs: toMs - args.last, toMs };
      const found = await io.history.ask("dryRun", { devices: rows.map(refOf), rules: rules.filter(isTriable), ...span }, signal);
      const next = one === undefined && rows.length === args.limit ? rows.at(-1)?.id : undefined;
      const total = one === undefined ? io.store.devices.count({ adopted: true, retired: false }) : 1;
      return { ok: true, result: viewTried({ rules, rows, found, span, total, ...(next === undefined ? {} : { next }) }) };
    },
  };
}

const no = (code: "notFound" | "nothingMatched" | "wrongState", message: string): VerbOutcome => ({ ok: false, code, message });

function listRules({ rules: { rules, origin, off }, store }: RuleVerbsIo) {
  const open = new Map<string, number>();
  for (const { kind } of store.conditions.listOpen()) open.set(kind, (open.get(kind) ?? 0) + 1);
  return {
    schema: "groundswell.rules/1",
    rules: rules.map((rule) => ({ ...viewRule(rule), origin: origin.get(rule.id) ?? "starting", open: open.get(rule.id) ?? 0 })),
    off,
  };
}

/** What the file adds or changes, or all it leaves in force. */
function tried({ rules, origin }: CheckedRules, all: boolean): readonly Rule[] {
  return all ? rules : rules.filter(({ id }) => origin.get(id) !== "starting");
}

function pageOf({ after, limit }: { readonly after?: string | undefined; readonly limit: number }, { devices }: Pick<Store, "devices">) {
  const from = after === undefined ? undefined : parseDeviceId(after);
  return devices.list({ adopted: true, retired: false, limit, ...(from === undefined ? {} : { after: from }) });
}

const refOf = ({ id, family }: DeviceRow) => (family === undefined ? { id } : { id, family });

interface Tried {
  readonly rules: readonly Rule[];
  readonly rows: readonly DeviceRow[];
  readonly found: readonly Firing[];
  readonly span: { readonly fromMs: Ms; readonly toMs: Ms };
  readonly total: number;
  readonly next?: string;
}

function viewTried({ rules, rows, found, span, total, next }: Tried) {
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return {
    schema: "groundswell.rules-try/1",
    from: isoOf(span.fromMs),
    to: isoOf(span.toMs),
    toMs: span.toMs,
    devices: rows.length,
    total,
    rules: rules.map((rule) => {
      const mine = found.filter((one) => one.rule === rule.id);
      const judged = rows.filter(({ family }) => isFor(rule, family)).length;
      return {
        rule: rule.id,
        when: formWords(rule),
        tried: isTriable(rule),
        judged,
        fired: mine.length,
        on: new Set(mine.map(({ device }) => device)).size,
      };
    }),
    firings: found.slice(0, FIRINGS_TOLD).map(({ device, rule, fromMs, untilMs, words }) => ({
      rule,
      device,
      name: names.get(device) ?? device,
      from: isoOf(fromMs),
      ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
      words,
    })),
    left: Math.max(0, found.length - FIRINGS_TOLD),
    ...(next === undefined ? {} : { next }),
  };
}

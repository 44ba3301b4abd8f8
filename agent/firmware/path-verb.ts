/** `firmware.path`: the steps that take one device to a release, each with its reason, or why there are none. Nothing is done. */
import type { Chain, ChainStep } from "../../firmware/chain.ts";
import { revisionWords } from "../../firmware/edges.ts";
import { eligibilityOf } from "../../firmware/eligibility.ts";
import { hasKeyFor } from "../../firmware/key-codes.ts";
import type { Release } from "../../firmware/release.ts";
import type { Candidate } from "../../firmware/waves/shape.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { ArgsOf } from "../commands/catalogue.ts";
import { findDevice } from "../views/devices.ts";
import { type Advice, type AdviceTables, adviceOver } from "./advice.ts";

const none = (message: string): VerbOutcome => ({ ok: false, code: "notFound", message });

export function showPath(args: ArgsOf<"firmware.path">, tables: AdviceTables): VerbOutcome {
  const row = findDevice(args.device, tables);
  if (row === undefined) return none(`No device "${args.device}"`);
  const advice = adviceOver(tables);
  const target = advice.releases.find(({ id }) => id === args.release);
  if (target === undefined) return none(`No release "${args.release}" is in the catalogue: "groundswell firmware list" shows them`);
  return { ok: true, result: pathOf(row, target, advice, tables) };
}

function pathOf(row: DeviceRow, target: Release, advice: Advice, tables: AdviceTables) {
  const device = advice.candidate(row);
  const circumstances = { busyElsewhere: advice.taken.has(row.id), chains: advice.chains };
  const chain = chainOf(device, target, advice);
  const steps = chain?.ok === true ? chain.steps : [];
  const now = eligibilityOf(device, steps[0]?.release ?? target, circumstances);
  // Without any other release at hand: the reason why it is not one step.
  const direct = steps.length > 1 ? eligibilityOf(device, target) : undefined;
  return {
    schema: "groundswell.firmware-path/1",
    device: row.id,
    name: row.name,
    model: row.model ?? null,
    running: row.running ?? null,
    updater: row.updater ?? null,
    release: target.id,
    version: target.version,
    title: target.title,
    steps: steps.map((step, at) => viewStep(step, at + 1, { device, tables })),
    ...(direct === undefined || direct.ok ? {} : { notAtOnce: { code: direct.held.code, why: direct.held.why } }),
    /** May the first step be planned now? */
    now: now.ok ? { ok: true } : { ok: false, code: now.held.code, why: now.held.why, lifts: now.held.lifts },
  };
}

function chainOf(
  { family, model, running, updater, partNumber, revision }: Candidate,
  target: Release,
  { chains }: Advice,
): Chain | undefined {
  if (model === undefined || family !== target.family) return undefined;
  const known = { running, updater, partNumber, revision };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return chains(target, { model, ...given });
}

function viewStep(step: ChainStep, number: number, { device, tables }: { readonly device: Candidate; readonly tables: AdviceTables }) {
  const { release, edge, from, image, warnings } = step;
  const floor = edge.updaterMin === undefined ? "" : `, with an Updater of at least ${edge.updaterMin}`;
  const staged = image === undefined ? undefined : tables.releases.image(image.sha256)?.state === "staged";
  return {
    step: number,
    release: release.id,
    version: release.version,
    title: release.title,
    kind: release.kind,
    from,
    reversibility: edge.reversibility,
    likelyMs: edge.durationMs.p50,
    atMostMs: edge.durationMs.p99,
    why: `the release states it from ${edge.fromMin} to ${edge.fromMax}${floor}${revisionWords(edge)}`,
    ...(staged === undefined ? {} : { staged }),
    ...keyOf(step, device),
    warnings,
    /** The first starts from what was read; the others from what is foreseen, and are judged anew. */
    foreseen: number > 1,
  };
}

function keyOf({ release, from }: ChainStep, { serial, keyCodes = [] }: Candidate): { readonly keyCode?: "present" | "missing" } {
  const recipe = familyOf(release.family)?.update;
  if (recipe?.offer !== "updateServer" || recipe.needsKey?.(from, release.version) !== true) return {};
  return { keyCode: serial !== undefined && hasKeyFor(keyCodes, release.version) ? "present" : "missing" };
}

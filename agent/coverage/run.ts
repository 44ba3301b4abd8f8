/**
 * Coverage in the daemon: judged every few minutes and after each discovery, lists read by themselves where the settings say so.
 */
import { MINUTE } from "../../protocols/core/time.ts";
import type { Inside } from "../inside.ts";
import { type Loop, startLoop } from "../loop.ts";
import type { Parts } from "../parts.ts";
import { askDesk } from "../tickets/ask.ts";
import { AGENT_VERSION } from "../version.ts";
import { type CoverageDesk, createCoverageDesk } from "./desk.ts";
import { createPortal } from "./portal.ts";
import { coverageVerbs } from "./verbs.ts";

export interface OpenCoverage {
  readonly desk: CoverageDesk;
  readonly verbs: ReturnType<typeof coverageVerbs>;
}

/** A device that nobody looked for (it called home) is judged within this; the promise is an hour. A new day begins within it as well. */
const JUDGE_EVERY_MS = 10 * MINUTE;

export function openCoverage(parts: Parts, { threads, teller }: Pick<Inside, "threads" | "teller">): OpenCoverage {
  const { config, secrets, store, clock, io, site } = parts;
  const zone = config.coverage.zone ?? config.calendar?.zone ?? "UTC";
  const { portal: settings } = config.coverage;
  const token = secrets.portalToken;
  const portal =
    settings === undefined || token === undefined ? undefined : createPortal({ url: settings.url, token, site }, { ask: askDesk });
  const desk = createCoverageDesk({
    store,
    clock,
    log: io.log,
    site: { id: site, name: config.site.name, environment: config.site.environment },
    brand: config.brand,
    zone,
    agentVersion: AGENT_VERSION,
    agentKey: secrets.agentKey,
    dataDirectory: config.dataDirectory,
    teller,
    history: threads.history,
    sources: {
      field: threads.field,
      zone,
      ...(portal === undefined || settings === undefined ? {} : { portal: { adapter: portal, url: settings.url } }),
    },
  });
  return { desk, verbs: coverageVerbs({ store, desk, portal, site, zone, clock }) };
}

/** Starts the loops; they end with the others. */
export function startCoverage({ config, clock, io, wakers }: Parts, desk: CoverageDesk): Loop[] {
  const { log } = io;
  const judge = startLoop({ name: "coverage", everyMs: JUDGE_EVERY_MS, log, clock }, async (signal) => {
    await desk.judge(signal);
    await desk.attestLastMonth(signal);
  });
  wakers.coverage = () => judge.wake();
  const refresh = (source: "lens" | "portal", everyMs: number): Loop =>
    startLoop({ name: `coverage by ${source}`, everyMs, log, clock }, async (signal) => {
      const why = await desk.refresh(source, signal);
      if (why !== undefined) log.warn("a list of entitlements was not taken", { source, why });
    });
  const { portal, lens } = config.coverage;
  return [
    judge,
    ...(lens && config.lens !== undefined ? [refresh("lens", config.lens.every)] : []),
    ...(portal === undefined ? [] : [refresh("portal", portal.every)]),
  ];
}

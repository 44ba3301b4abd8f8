/**
 * What Lens offers for the models of the site, and the way it would take there. It only tells: nothing is fetched from it, and no
 * update follows from it. Source: protocols/lens-and-portal.md 6, and 13 for the order of questions.
 */
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { plainFault } from "../../protocols/lens/answer.ts";
import type { LensClient } from "../../protocols/lens/client.ts";
import { pathQuery, RELEASES } from "../../protocols/lens/queries.ts";
import type { CatalogueRelease } from "../../protocols/lens/software.ts";
import { asSourceFault, type Offering, type RefusedRelease, type SourceFault, type SourceListing } from "./source.ts";

/** One model with the versions that run here. */
export interface LensProduct {
  /** For network devices the product id is the model's name. */
  readonly pid: string;
  readonly running: readonly string[];
}

/** Questions of one reading: undocumented, so few. Guesses. */
export const LENS_PRODUCTS_MAX = 50;
export const LENS_PATHS_MAX = 100;

type Paths = NonNullable<Offering["paths"]>;

/** The first question that Lens does not answer ends it; a product it does not know is told and stops nothing. */
export async function readLensSoftware(
  products: readonly LensProduct[],
  client: Pick<LensClient, "ask">,
  signal: AbortSignal,
): Promise<Result<SourceListing, SourceFault>> {
  const offerings: Offering[] = [];
  const passedOver: RefusedRelease[] = [];
  let paths = LENS_PATHS_MAX;
  for (const { pid, running } of products.slice(0, LENS_PRODUCTS_MAX)) {
    const answer = await client.ask(RELEASES, { pid }, signal);
    if (!answer.ok) return fail(asSourceFault(plainFault(answer.fault)));
    const releases = answer.value.value;
    if (releases.length === 0) passedOver.push({ document: pid, why: "Lens lists no software for it" });
    for (const release of releases) {
      const from = release.latest && !release.withdrawn ? running.filter((one) => one !== release.version).slice(0, paths) : [];
      paths -= from.length;
      offerings.push(offeringOf(pid, release, await pathsTo(release.version, { pid, from }, client, signal)));
    }
  }
  return ok({ offerings: [...new Map(offerings.map((one) => [one.key, one])).values()], passedOver });
}

/** A way that Lens does not tell, or that leads to another version, is left out. */
async function pathsTo(
  version: string,
  { pid, from }: { readonly pid: string; readonly from: readonly string[] },
  client: Pick<LensClient, "ask">,
  signal: AbortSignal,
): Promise<Paths> {
  const found: Paths[number][] = [];
  for (const running of from) {
    const query = pathQuery(pid, running);
    const answer = query === undefined ? undefined : await client.ask(query, {}, signal);
    if (answer?.ok !== true || !answer.value.value.found) continue;
    const { steps, target } = answer.value.value;
    if (target === undefined || target === version) found.push({ from: running, steps });
  }
  return found;
}

function offeringOf(pid: string, release: CatalogueRelease, paths: Paths): Offering {
  const { version, channel, withdrawn, publishedMs } = release;
  return {
    key: `${pid} ${version}${channel === undefined ? "" : ` ${channel}`}`,
    title: `${pid} ${version}${channel === undefined ? "" : ` (${channel})`}`,
    version,
    models: [pid],
    partNumbers: [],
    revoked: withdrawn,
    fetch: "no",
    ...(publishedMs === undefined ? {} : { published: isoOf(publishedMs) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

/**
 * A bad release: devices of one model and version fail alike, more than chance explains beside those they can be compared
 * with. Pure.
 */
import { chanceOf } from "./exact.ts";
import { ALIKE_MIN, type Case, type Cause, isProvisioning, isRipe, isServiceCase, type View } from "./picture.ts";
import { type Build, buildKey, familyStratum, serviceKey } from "./site.ts";

/**
 * Chance of blaming a release that is innocent, over all builds and kinds looked at in one decision: it is divided among them
 * (Bonferroni). Small, because thousands of decisions are made a day.
 */
export const RELEASE_LEVEL = 0.001;

interface Suspect {
  readonly build: Build;
  readonly kind: string;
  readonly hit: number;
  readonly bad: number;
  readonly total: number;
  readonly cases: readonly Case[];
}

export function badReleases(cases: readonly Case[], view: View): ReadonlyMap<number, Cause> {
  const suspects = [...Map.groupBy(cases, ({ kind }) => kind)].flatMap(([kind, list]) => suspectsOf(kind, list, view));
  const found = new Map<number, Cause>();
  for (const suspect of suspects) {
    const { build, kind, hit, bad, total } = suspect;
    const chance = chanceOf({ hit, drawn: build.count, bad, total });
    if (chance > RELEASE_LEVEL / suspects.length) continue;
    const cause = releaseCause(suspect, kind);
    for (const one of suspect.cases) if (!found.has(one.id)) found.set(one.id, cause);
  }
  return found;
}

/**
 * Whom a case is compared with: devices of the same server where its service fails, or an outage of the server would be laid
 * at a model's door; else its family.
 */
function stratumOf(one: Case, view: View): string | undefined {
  const device = view.site.devices.get(one.deviceId);
  const role = isProvisioning(one) ? "provisioning" : "sip";
  const server = device?.services[role]?.[0];
  if (isServiceCase(one, view) && server !== undefined) return serviceKey(role, server);
  return device?.family === undefined ? undefined : familyStratum(device.family);
}

function suspectsOf(kind: string, cases: readonly Case[], view: View): Suspect[] {
  return [...Map.groupBy(cases, (one) => stratumOf(one, view) ?? "")].flatMap(([stratum, list]): Suspect[] => {
    const builds = view.site.strata.get(stratum);
    if (builds === undefined) return [];
    const total = [...builds.values()].reduce((sum, { count }) => sum + count, 0);
    const byBuild = Map.groupBy(list, ({ deviceId }) => {
      const { model, running } = view.site.devices.get(deviceId) ?? {};
      return model === undefined || running === undefined ? "" : buildKey(model, running);
    });
    byBuild.delete("");
    const bad = [...byBuild.values()].reduce((sum, members) => sum + members.length, 0);
    return [...byBuild].flatMap(([key, members]): Suspect[] => {
      const build = builds.get(key);
      // One of a kind without others to compare with says nothing.
      if (build === undefined || members.length < ALIKE_MIN || build.count >= total || !isRipe(members, view.nowMs)) return [];
      return [{ build, kind, hit: members.length, bad, total, cases: members }];
    });
  });
}

function releaseCause({ build: { model, running, count }, hit, bad, total }: Suspect, kind: string): Cause {
  return {
    key: `release:${buildKey(model, running)}:${kind}`,
    kind: "release",
    scope: `${model} ${running}`,
    causeClass: "software",
    total: count,
    words: (affected) => ({
      title: `${affected} of ${count} ${model} on ${running} fail alike (${kind})`,
      why: `${hit} of ${count} with this version, and ${bad - hit} of ${total - count} others like them: chance explains that less than once in ${Math.round(1 / RELEASE_LEVEL)}`,
      advice: `Halt campaigns to ${running} for ${model}; compare with the release notes, and send the vendor this version`,
    }),
  };
}

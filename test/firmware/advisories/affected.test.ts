import fc from "fast-check";
import { expect, test } from "vitest";
import {
  findAdvisory,
  fixesOver,
  fixFor,
  type Joined,
  joinAdvisories,
  rangeText,
  type Verdict,
  verdictOf,
} from "../../../firmware/advisories/affected.ts";
import { ADVISORIES } from "../../../firmware/advisories/known.ts";
import type { Release } from "../../../firmware/release.ts";
import type { Candidate } from "../../../firmware/waves/shape.ts";
import { orderOf } from "../../../protocols/core/version.ts";
import { candidate, release, sha } from "../waves/builders.ts";

const joined = (name: string, releases: readonly Release[] = []): Joined => {
  const found = findAdvisory(name, joinAdvisories(ADVISORIES, releases));
  if (found === undefined) throw new Error(`no advisory ${name}`);
  return found;
};
const stateOf = (name: string, device: Candidate, releases: readonly Release[] = []) => verdictOf(joined(name, releases), device)?.state;
const running = (model: string, version: string | undefined): Candidate => {
  const { running: _, ...rest } = candidate(1, { model });
  return version === undefined ? rest : { ...rest, running: version };
};

test.each([
  ["VVX 450", "6.4.7.4560", "affected"],
  ["VVX 450", "6.4.8", undefined],
  ["VVX 450", "6.4.8.1190", undefined],
  ["VVX 450", "6.4.10.1", undefined],
  ["VVX 411", "6.4.6.0123", undefined],
  ["Trio 8300", "8.1.6.9999", "affected"],
  ["Trio 8300", "8.1.7.0100", undefined],
  ["Trio 8800", "7.2.7.0110", "affected"],
  ["Trio 8500", "7.2.8.0001", undefined],
  ["VVX 250", undefined, "possible"],
  ["VVX 250", "6.4.7_ne", "possible"],
])("verdictOf(): code execution while ICE is on, %s on %s: %s [uc 10.1]", (model, version, state) => {
  expect(stateOf("CVE-2026-0826", running(model, version))).toBe(state);
});

test.each([
  ["SYSS-2024-004", "CCX 600", "8.0.2.2366", "affected"],
  ["SYSS-2024-004", "CCX 600", "8.0.2.2367", undefined],
  ["CVE-2024-3281", "CCX 500", "8.0.2.3267", undefined],
  ["CVE-2024-3281", "CCX 500", "8.0.2.3268", "affected"],
  ["CVE-2024-3281", "CCX 500", "8.1.3.1300", "affected"],
  ["CVE-2024-3281", "CCX 500", "8.1.3.1301", undefined],
  ["CVE-2021-41322", "VVX 410", "5.3.1.0436", "affected"],
  ["CVE-2021-41322", "VVX 410", "5.3.2.1", undefined],
  ["CVE-2021-41322", "VVX 500", "5.3.1.0436", undefined],
  ["cve-2023-4465", "Edge E350", "8.6.0.1321", "possible"],
  ["CVE-2019-12948", "SoundPoint IP 550", "4.0.15.1047", "possible"],
  ["CVE-2019-12948", "Studio X50", "4.2.0", undefined],
])("verdictOf(): %s, %s on %s: %s [uc 10.3]", (name, model, version, state) => {
  expect(stateOf(name, running(model, version))).toBe(state);
});

test("verdictOf(): says the range, how sure it is, and where it stands", () => {
  const verdict = verdictOf(joined("CVE-2024-3281"), running("CCX 500", "8.1.0.1"));
  expect(verdict?.why).toBe("8.1.0.1 is after 8.0.2.3267 and before 8.1.3.1301 [uncertain: security.md 6, without its source]");
  expect(rangeText("unknown")).toContain("no document");
});

test("verdictOf(): a range by numbers has no holes and no overlap with what is fixed", () => {
  const version = fc.tuple(fc.nat(9), fc.nat(12), fc.nat(12), fc.nat(9_999)).map((parts) => parts.join("."));
  fc.assert(
    fc.property(version, (text) => {
      const affected = stateOf("CVE-2026-0826", running("VVX 450", text)) === "affected";
      expect(affected).toBe(orderOf(text, "6.4.8") === "older");
    }),
  );
});

const naming = (changes: Partial<Release>): Release => release({ advisories: ["ACME-1"], ...changes });

test("joinAdvisories(): the partner's own are joined, whatever their spelling; older ones of the release's models are affected", () => {
  const late = naming({ id: "late", version: "6.4.9.1" });
  const early = naming({ id: "early", version: "6.4.7.1", advisories: ["acme-1 ", "cve-2026-0826"] });
  const releases = [late, early, naming({ id: "gone", version: "6.4.1.1", revoked: true, advisories: ["ACME-2"] })];
  const all = joinAdvisories(ADVISORIES, releases);
  expect(all.filter(({ partners }) => partners).map(({ id }) => id.toUpperCase())).toEqual(["ACME-1"]);
  expect(joined("CVE-2026-0826", releases).namedBy.map(({ id }) => id)).toEqual(["early"]);
  expect(stateOf("acme-1", candidate(1, { running: "6.4.6.2494" }), releases)).toBe("affected");
  expect(stateOf("acme-1", candidate(1, { running: "6.4.7.1" }), releases)).toBeUndefined();
  expect(stateOf("acme-1", candidate(1, { running: "6.4_ne" }), releases)).toBe("possible");
  expect(stateOf("acme-1", candidate(1, { model: "VVX 601" }), releases)).toBeUndefined();
  expect(joinAdvisories(ADVISORIES, releases.toReversed())).toEqual(all);
});

test("verdictOf(): what runs the release that names a known one is fixed, where no document says from which version", () => {
  const named = naming({ advisories: ["CVE-2023-4463"] });
  expect(stateOf("CVE-2023-4462", candidate(1, { running: "6.4.6.2494" }), [named])).toBe("possible");
  expect(stateOf("CVE-2023-4462", candidate(1, { running: "6.4.8.1190" }), [named])).toBeUndefined();
});

test("verdictOf(): an advisory on the Updater is held against the Updater", () => {
  const updater = naming({ kind: "updater", version: "6.4.7" });
  expect(stateOf("ACME-1", candidate(1, { running: "6.0.0", updater: "6.4.7" }), [updater])).toBeUndefined();
  expect(stateOf("ACME-1", candidate(1, { running: "6.9.9", updater: "6.4.6" }), [updater])).toBe("affected");
});

const fixOf = (device: Candidate, releases: readonly Release[], name = "CVE-2026-0826") => {
  const advisory = joined(name, releases);
  const verdict = verdictOf(advisory, device) as Verdict;
  return fixFor(advisory, verdict, device, { ...fixesOver(releases), busyElsewhere: false });
};

test("fixFor(): the lowest release that fixes it and that the device may take", () => {
  const newer = release({ id: "newer", version: "6.4.9.1" });
  const before = release({ id: "before", version: "6.4.7.9" });
  expect(fixOf(candidate(1), [newer, release(), before])).toMatchObject({ how: "direct", release: { id: "ucs-6.4.8" } });
  expect(fixOf(candidate(1), [newer, release({ revoked: true })])).toMatchObject({ how: "direct", release: { id: "newer" } });
});

test("fixFor(): by steps where none is had at once; what is in the way is told; no release at hand is told with where it is fixed", () => {
  const to = (id: string, version: string, fromMin: string, fromMax: string): Release =>
    release({
      id,
      version,
      models: ["VVX 450"],
      edges: [{ ...release().edges[0], models: ["VVX 450"], fromMin, fromMax }],
      images: [{ target: "b", partNumbers: ["3111-48840-001"], sizeBytes: 1, sha256: sha("b") }],
    });
  const steps = [to("one", "6.4.1.1", "6.0.0", "6.3.9"), to("two", "6.4.8.1", "6.4.0", "6.4.7.9999")];
  expect(fixOf(candidate(1, { running: "6.2.0.1", updater: "6.2.0.1" }), steps)).toMatchObject({
    how: "steps",
    release: { id: "two" },
    first: { release: "one" },
  });
  const silent = candidate(1, { running: "6.2.0.1", updater: "6.2.0.1", availability: "offline" });
  expect(fixOf(silent, steps)).toMatchObject({ how: "held", release: { id: "two" }, held: { code: "offline" } });
  expect(fixOf(candidate(1, { availability: "offline" }), [release()])).toMatchObject({ how: "held", held: { code: "offline" } });
  expect(fixOf(candidate(1), [])).toEqual({ how: "none", why: "fixed in 6.4.8, and no release at hand for VVX 450 does" });
  expect(fixOf(running("Edge E350", "8.6.0"), [], "CVE-2023-4462")).toMatchObject({
    how: "none",
    why: expect.stringContaining("no document"),
  });
});

test("fixFor(): a release of the Updater fixes nothing of the application, unless the channel says so", () => {
  const updater = release({ id: "upd", kind: "updater", version: "6.4.9" });
  expect(fixOf(candidate(1), [updater])).toMatchObject({ how: "none" });
  const named = { ...updater, advisories: ["CVE-2026-0826"] };
  expect(fixOf(candidate(1), [named])).not.toMatchObject({ how: "none" });
});

test("fixFor(): the order of releases changes nothing, and what it names really fixes", () => {
  const some = fc.uniqueArray(fc.constantFrom("6.4.5.1", "6.4.7.1", "6.4.8", "6.4.8.1", "6.4.9.1", "6.5.0.1"), { minLength: 1 });
  fc.assert(
    fc.property(some, fc.constantFrom("6.4.6.2494", "6.0.0.1", "5.9.0.1"), (versions, runs) => {
      const releases = versions.map((version) => release({ id: `r-${version}`, version }));
      const device = candidate(1, { running: runs });
      const fix = fixOf(device, releases);
      expect(fixOf(device, releases.toReversed())).toEqual(fix);
      if (fix.how !== "none") expect(orderOf(fix.release.version, "6.4.8")).not.toBe("older");
    }),
  );
});

import { expect, test } from "vitest";
import { agent, done, failed } from "./agent.ts";

const device = (changes: object = {}) => ({
  ...{ device: "d-1", name: "Reception", model: "VVX 450", running: "6.4.6.2494", state: "affected", why: "before 6.4.8" },
  reachable: [{ what: "ICE is switched on", state: "yes", how: "its settings say so" }],
  fix: { how: "direct", release: "ucs-6.4.8", version: "6.4.8.1190" },
  ...changes,
});
const advisory = (changes: object = {}) => ({
  ...{ advisory: "CVE-2026-0826", also: ["HPSBPY04083"], title: "Code execution", partners: false },
  affects: [{ models: ["VVX 450"], versions: "before 6.4.8", fixedIn: "6.4.8", mark: "confirmed", source: "protocols/uc-phones.md 10" }],
  ...{ reachableWhen: ["ICE is switched on"], namedBy: [], affected: 1, possible: 0, fixable: 1, fixedBy: ["ucs-6.4.8"] },
  proposals: [
    { release: "ucs-6.4.8", version: "6.4.8.1190", step: "fixes", devices: 1, command: "groundswell campaign plan ucs-6.4.8 --device d-1" },
  ],
  ...changes,
});
const answer = (advisories: readonly object[], changes: object = {}) => ({
  schema: "groundswell.advisories/1",
  looked: 3,
  releases: 2,
  advisories,
  ...changes,
});
const ran = async (result: object, ...argv: readonly string[]) =>
  (await agent({ "firmware.advisories": done(result) })).run(["firmware", "advisories", ...argv]);

test("firmware advisories: counts, what fixes it, and what to do next", async () => {
  const own = advisory({ advisory: "ACME-1", title: "Named by UC Software", partners: true, affected: 0, fixable: 0, fixedBy: [] });
  const { out, err } = await ran(answer([advisory(), own]));
  expect(out).toMatch(/CVE-2026-0826 +1 +0 +1 +ucs-6\.4\.8 +Code execution/);
  expect(out).toMatch(/ACME-1 .* - {2,}Named by UC Software \(the partner's own\)/);
  expect(err).toMatch(/3 devices looked at; 1 of 2 concern some[\s\S]*--propose/);
});

test("firmware advisories: empty states say how to go on", async () => {
  const none = advisory({ affected: 0, fixable: 0 });
  expect((await ran(answer([none], { looked: 0, releases: 0 }))).err).toMatch(/groundswell discover[\s\S]*groundswell firmware sync/);
  expect((await ran(answer([none]))).err).toContain("none of these concerns one");
  expect((await ran(answer([{ ...none, devices: [] }]), "CVE-2026-0826")).out).toContain("No device here is concerned.");
  expect(await ran(answer([{ ...none, proposals: [] }]), "--propose")).toMatchObject({
    code: 0,
    out: "No device here is concerned by any advisory.\n",
  });
});

test("firmware advisories ID: ranges with their source, each device with its reach and its fix, and who cannot be fixed, with the reason", async () => {
  const devices = [
    device(),
    device({
      name: "Lobby",
      reachable: [{ what: "ICE is switched on", state: "notKnown", how: "no settings" }],
      fix: { how: "steps", release: "ucs-6.4.8", version: "6.4.8.1190", first: { release: "ucs-5.9.8", version: "5.9.8.1" } },
    }),
    device({
      name: "Cellar",
      fix: { how: "held", release: "ucs-6.4.8", version: "6.4.8.1190", why: "it does not answer", lifts: "it answers again" },
    }),
    device({ name: "Attic", reachable: [], fix: { how: "none", why: "no release at hand" } }),
  ];
  const { out, code } = await ran(answer([advisory({ devices })]), "CVE-2026-0826");
  expect(code).toBe(0);
  for (const words of [
    "CVE-2026-0826, HPSBPY04083: Code execution",
    "VVX 450: before 6.4.8; fixed in 6.4.8 [confirmed: protocols/uc-phones.md 10]",
    "Reachable when ICE is switched on",
    "Reception: ICE is switched on: yes, its settings say so",
    "2 devices cannot be fixed now:\n  Cellar: it does not answer; lifted by: it answers again\n  Attic: no release at hand\n",
    "groundswell firmware advisories CVE-2026-0826 --propose",
  ])
    expect(out).toContain(words);
  expect(out).toMatch(/Reception .* affected +yes +6\.4\.8\.1190 \(ucs-6\.4\.8\)\n/);
  expect(out).toMatch(/Lobby .* not known +6\.4\.8\.1190 \(ucs-6\.4\.8\), first 5\.9\.8\.1 \(ucs-5\.9\.8\)/);
  expect(out).toMatch(/Cellar .* \(ucs-6\.4\.8\), not now/);
});

test("firmware advisories --propose: the commands and nothing else; none at hand is exit 3", async () => {
  const { out, code } = await ran(answer([advisory()]), "--propose");
  expect([code, out.split("\n").filter((line) => line !== "" && !line.startsWith("#"))]).toEqual([
    0,
    ["groundswell campaign plan ucs-6.4.8 --device d-1"],
  ]);
  const stuck = await ran(answer([advisory({ proposals: [] })]), "CVE-2026-0826", "--propose");
  expect([stuck.code, stuck.out]).toEqual([3, expect.stringContaining("No release at hand fixes what is open: CVE-2026-0826")]);
});

test("firmware advisories: --json is the answer as it came, --ndjson a row a line, an unknown name exit 3", async () => {
  const given = answer([advisory()]);
  expect((await ran(given, "--json")).json()).toEqual(given);
  expect((await ran(given, "CVE-2026-0826", "--json")).json()).toEqual(given);
  expect((await ran(given, "--ndjson")).json()).toMatchObject({ schema: "groundswell.advisory/1", advisory: "CVE-2026-0826" });
  const site = await agent({ "firmware.advisories": failed("notFound", "No advisory") });
  expect((await site.run(["firmware", "advisories", "CVE-1"])).code).toBe(3);
  expect(site.asked[0]?.args).toEqual({ advisory: "CVE-1" });
});

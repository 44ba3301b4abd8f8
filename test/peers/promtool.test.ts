import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { METRICS, type MetricName } from "../../agent/metrics/catalogue.ts";
import { openExposition } from "../../agent/metrics/prometheus.ts";
import { peerTest } from "./peer.ts";

const PROMTOOL = "/usr/bin/promtool";

function promtool(args: readonly string[], input = ""): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(PROMTOOL, args);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
    child.on("close", (code) => resolve({ code, said }));
    child.stdin.end(input);
  });
}

/** The YAML blocks of the page that hold this key. */
function exampleWith(key: string): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const block = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text).find((text) => text.startsWith(`${key}:`));
  if (block === undefined) throw new Error(`docs/metrics.md has no example of ${key}`);
  return block;
}

function saved(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-promtool-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "example.yaml");
  writeFileSync(path, text);
  return path;
}

peerTest("promtool check metrics: no error, and nothing of ours it would name otherwise", PROMTOOL, async () => {
  const exposition = await openExposition();
  for (const [name, { kind, labels = [] }] of Object.entries(METRICS) as [MetricName, { kind: string; labels?: readonly string[] }][]) {
    const labelled = Object.fromEntries(labels.map((label) => [label, "x"]));
    if (kind === "gauge") exposition.set(name, [{ labels: labelled, value: 1 }]);
    else if (kind === "counter") exposition.add(name, labelled);
    else exposition.observe(name, labelled, 0.1);
  }
  const { code, said } = await promtool(["check", "metrics"], (await exposition.page()).text);
  // What remains are names that prom-client gives the process: fixed by those who look for them.
  const ours = said.split("\n").filter((line) => line.startsWith("groundswell_") || /error/i.test(line));
  expect(ours).toEqual([]);
  expect([0, 3]).toContain(code); // 3: it has advice
});

peerTest("promtool check config, check rules: the examples in the documents are right", PROMTOOL, async () => {
  expect(await promtool(["check", "config", saved(exampleWith("scrape_configs"))])).toMatchObject({ code: 0 });
  expect(await promtool(["check", "rules", saved(exampleWith("groups"))])).toMatchObject({ code: 0 });
});

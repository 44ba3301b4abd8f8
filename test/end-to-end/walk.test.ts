/**
 * The walk of the README, word for word: the lines under "Try a roll-out yourself" are run in a shell, in their order, against the
 * site that `demo --hands-on` puts up. What a technician is told to type has to work as it stands.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const HEADING = "## Try a roll-out yourself";

/** The two blocks of the section, a command a line, without what is said behind `#`. */
function blocks(): string[][] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = readme.slice(readme.indexOf(HEADING)).split("\n## ")[0] ?? "";
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) =>
    block
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line !== ""),
  );
}

interface Said {
  readonly line: string;
  readonly code: number | null;
  readonly out: string;
}

function shell(line: string, environment: Readonly<Record<string, string>>): Promise<Said> {
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", line], {
      cwd: ROOT,
      env: { ...process.env, ...environment, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.on("close", (code) => resolve({ line, code, out }));
  });
}

/** Up once it says where everything is. */
function putUp(line: string): Promise<ChildProcess> {
  const [program = "", ...args] = line.split(" ");
  const child = spawn(program, [...args, "--json"], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let talk = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (talk += text));
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("groundswell.hands-on/1")) resolve(child);
    });
    child.once("exit", (code) => reject(new Error(`the site ended with ${code}: ${talk.slice(-2_000)}`)));
  });
}

test("README: a technician plans, rehearses, approves, starts, pauses, skips, goes on, reports and rolls back by it alone", async () => {
  const parent = mkdtempSync(join(tmpdir(), "groundswell-walk-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, "site");
  const [[up = ""] = [], lines = []] = blocks();
  expect(up).toMatch(/^npm run demo -- --hands-on\b/);
  expect(lines.length).toBeGreaterThan(12);
  // Faster than a person types, and fewer of everything.
  const child = await putUp(`bin/groundswell demo --hands-on ${folder} --speed 60 --devices 16`);
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });
  const names = new Map<string, string>();
  const versions = async (): Promise<Map<string, string>> => {
    const { out } = await shell("bin/groundswell device list --json", { GROUNDSWELL_SOCKET: join(folder, "agent.sock") });
    const { devices } = JSON.parse(out) as { devices: readonly { id: string; running?: string }[] };
    return new Map(devices.map(({ id, running = "" }) => [id, running]));
  };
  const before = await versions();
  const said: Said[] = [];
  for (const line of lines) {
    if (line.startsWith("export ")) continue;
    const known = [...names].reduce((text, [word, id]) => text.replaceAll(word, id), line.replaceAll("demo-site", folder));
    // A person is asked for the count on the terminal; this is no terminal.
    const count = /^bin\/groundswell campaign start/.test(known) ? ` --confirm-count ${names.get("COUNT")}` : "";
    const step = await shell(known + count, { GROUNDSWELL_SOCKET: join(folder, "agent.sock") });
    said.push(step);
    expect(step.code, `${line}\n${step.out}`).toBe(0);
    const id = /\bCampaign (c-[0-9a-f]+)/.exec(step.out)?.[1];
    const moved = /(\d+) of \d+ devices/.exec(step.out)?.[1];
    if (/ campaign (plan|rollback) /.test(line) && id !== undefined && moved !== undefined) {
      names.set(line.includes(" rollback ") ? "ROLLBACK" : "CAMPAIGN", id).set("COUNT", moved);
    }
    if (/ campaign watch CAMPAIGN/.test(line)) {
      const after = await versions();
      expect([...after.values()].filter((version) => version === "6.4.8.1190").length).toBeGreaterThan(0);
    }
  }
  expect(said.find(({ line }) => line.includes(" pause "))?.out).toContain("paused");
  expect(said.find(({ line }) => line.includes(" explain "))?.out).toContain("paused by");
  expect(readFileSync(join(folder, "report.pdf")).subarray(0, 5).toString()).toBe("%PDF-");
  expect(await versions()).toEqual(before);
}, 600_000);

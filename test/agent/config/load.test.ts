import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileConfigIo } from "../../../agent/config/files.ts";
import { checkConfig, loadConfig, loadRules, showConfig } from "../../../agent/config/load.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { given, SITE_LINES } from "./kit.ts";

const CALENDAR = "calendar: { zone: Europe/Zurich, windows: [{ days: [sun], from: '01:00', to: '05:00' }] }";

test("loadConfig(): a site alone is enough; everything else has its default", async () => {
  const loaded = await given([]).load();
  if (!loaded.ok) throw new Error("refused");
  expect(loaded.config).toMatchObject({
    site: { id: "zug-01", environment: "production" },
    adopt: "ask",
    sweep: { every: 15 * MINUTE },
    policy: { canaryCount: 1, deferral: 4 * HOUR },
    tickets: { groupAt: 3, perHourMax: 20 },
  });
  expect(loaded.warnings).toMatchObject([{ level: "warning", path: "calendar" }]);
});

test("loadConfig(): all that is wrong is in one list, each with its path, line and what was meant", async () => {
  const problems = await given([
    "sweeep: { every: 5m }",
    "networks: [10.20.0.0/33]",
    "policy:",
    "  canaryCount: many",
    "  soak: 3 days",
    "  lookAgain: 1h",
    "  deferral: 30m",
    "adopt: everything",
    "calendar: { zone: Europe/Zürich, windows: [] }",
    "credentials:",
    "  - { kind: password, id: a, user: u, password: hunter2, passwordFile: none }",
    "health: { phones: 1s, concurrency: 0.5 }",
    "mqtt: {}",
  ]).problems();
  const paths = problems.map(({ path }) => path).sort();
  expect(paths).toEqual(
    [
      "adopt",
      "calendar.windows",
      "calendar.zone",
      "credentials[0].password",
      "health.concurrency",
      "health.phones",
      "mqtt",
      "networks[0]",
      "policy.canaryCount",
      "policy.soak",
      "sweeep",
    ].sort(),
  );
  const at = (path: string) => problems.find((one) => one.path === path);
  expect(at("sweeep")).toMatchObject({ line: 4, suggestion: 'did you mean "sweep"?' });
  expect(at("policy.canaryCount")).toMatchObject({ line: 7, what: "expected a number, got text" });
  expect(at("credentials[0].password")).toMatchObject({ line: 14, suggestion: expect.stringContaining("passwordFile") });
  expect(JSON.stringify(problems)).not.toContain("hunter2");
});

test("loadConfig(): what must hold between sections is checked beside what is wrong in others", async () => {
  const problems = await given(["adopt: x", "policy: { lookAgain: 1h, deferral: 30m }", "mqtt: { url: mqtt://broker.example }"]).problems();
  expect(problems.map(({ path }) => path).sort()).toEqual(["adopt", "calendar", "mqtt.url", "policy.lookAgain"]);
});

test("loadConfig(): a site that is missing is named, not thrown", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "c.yaml"), "adopt: ask\n");
  expect(await loadConfig(join(folder, "c.yaml"), fileConfigIo({}))).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([expect.objectContaining({ path: "site", what: "is missing" })]),
  });
});

test.each<[string, string]>([
  ["not YAML", "site: [unclosed"],
  ["empty", ""],
  ["a list", "- site"],
  ["text", "hello"],
  ["a key twice", "site: { id: zug-01, name: Z }\nsite: { id: zug-02, name: Z }"],
  ["two documents", "site: { id: zug-01, name: Z }\n---\nsite: { id: zug-02, name: Z }"],
  ["aliases that grow", "a: &a [x]\nb: [*a, *a]"],
  ["an unknown tag's tab", "site:\n\tid: zug-01"],
])("loadConfig(): a file that is %s is a problem with a line, never thrown", async (_name, text) => {
  const path = join(temporaryFolder(), "c.yaml");
  writeFileSync(path, text);
  const loaded = await loadConfig(path, fileConfigIo({}));
  expect(loaded).toMatchObject({ ok: false, problems: [{ level: "error", line: expect.any(Number) }] });
});

test("loadConfig(): JavaScript's own names are unknown settings and change nothing", async () => {
  const problems = await given(["__proto__: { polluted: true }", "constructor: 1"]).problems();
  expect(problems.map(({ path }) => path)).toEqual(expect.arrayContaining(["__proto__", "constructor"]));
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("loadConfig(): a file that is not there, or not text, is a problem with its path", async () => {
  const folder = temporaryFolder();
  for (const [path, words] of [
    [join(folder, "none.yaml"), "does not exist"],
    [folder, "folder"],
  ] as const)
    expect(await loadConfig(path, fileConfigIo({}))).toMatchObject({ ok: false, problems: [{ what: expect.stringContaining(words) }] });
});

test("loadConfig(): a MAC of digits only is a number to YAML; the problem says to quote it", async () => {
  const [problem] = (await given(["places: [{ mac: 641670000001, name: Desk }]"]).problems()).filter(({ level }) => level === "error");
  expect(problem).toMatchObject({ path: "places[0].mac", suggestion: "put it in quotes" });
});

test("loadConfig(): relative paths are relative to the file; places of a CSV join the settings", async () => {
  const made = given(["placesFile: places.csv", "credentials: [{ kind: password, id: a, user: u, passwordFile: secrets/a }]", CALENDAR], {
    "places.csv": "mac,name\n64:16:7f:00:00:01,Reception\n",
    "secrets/a": "456\n",
  });
  const config = await made.config();
  expect(config.credentials[0]).toMatchObject({ passwordFile: join(made.folder, "secrets/a") });
  expect(config.places).toMatchObject([{ mac: "64167f000001", name: "Reception", duties: [] }]);
});

test("loadConfig(): what is wrong in the places' file is told with that file and line", async () => {
  const made = given(["placesFile: places.csv"], { "places.csv": "mac,name\nnonsense,Desk\n" });
  expect((await made.problems()).find(({ level }) => level === "error")).toMatchObject({ file: join(made.folder, "places.csv"), line: 2 });
  expect(await given(["placesFile: none.csv"]).problems()).toContainEqual(expect.objectContaining({ path: "placesFile", line: 4 }));
});

test("checkConfig(): the same findings for people and for scripts", async () => {
  const made = given(["adopt: x"]);
  const checked = await checkConfig(made.path, fileConfigIo({}));
  expect(checked.ok).toBe(false);
  expect(checked.text).toContain(`FAIL  ${made.path}:4  adopt: expected one of all, ask`);
  expect(JSON.parse(checked.json)).toMatchObject({ schema: "groundswell.config-check/1", ok: false, problems: await made.problems() });
  expect((await checkConfig(given([CALENDAR]).path, fileConfigIo({}))).text).toMatch(/^OK/);
});

test("showConfig(): every value in force, with the line it comes from or that it is the default", async () => {
  const loaded = await given(["policy: { soak: 1d }", "networks:", "  - 10.20.0.0/24", CALENDAR]).load();
  if (!loaded.ok) throw new Error("refused");
  const rows = showConfig(loaded);
  const row = (path: string) => rows.find((one) => one.path === path);
  expect(row("site.id")).toEqual({ path: "site.id", value: '"zug-01"', origin: `line ${SITE_LINES.length - 1}` });
  expect(row("policy.soak")).toEqual({ path: "policy.soak", value: String(DAY), origin: "line 4" });
  expect(row("policy.canaryCount")).toMatchObject({ value: "1", origin: "default" });
  expect(row("networks[0]")).toEqual({ path: "networks[0]", value: '"10.20.0.0/24"', origin: "line 6" });
});

const HOT = [
  "  - id: hotRoom",
  "    when: { kind: reading, reading: temperatureCelsius, above: 70 }",
  "    severity: warning",
  "    causeClass: hardware",
];
const WORDS = ['    says: "{value} inside"', "    todo: Look at its fan.", "    reason: Ours run cooler."];

test("loadConfig(): rules in the settings and in a file of their own come out the same", async () => {
  const rules = ["add:", ...HOT, ...WORDS, "change:", "  tooHot: { atLeast: 85 }"];
  const inline = await given(["rules:", ...rules.map((line) => `  ${line}`)]).config();
  const apart = await given(["rulesFile: rules.yaml"], { "rules.yaml": rules.join("\n") }).config();
  expect(inline.rules).toMatchObject({ add: [{ id: "hotRoom" }], change: { tooHot: { atLeast: 85 } } });
  expect(apart.rules).toEqual(inline.rules);
});

const isError = ({ level }: { readonly level: string }): boolean => level === "error";

test("loadConfig(): what is wrong with rules is said with its file and line, beside all else", async () => {
  const inline = await given(["adopt: everything", "rules:", "  change:", "    toHot: { off: true }"]).problems();
  expect(inline.map(({ path }) => path)).toEqual(["adopt", "rules.change.toHot", "calendar"]);
  expect(inline[1]).toMatchObject({ line: 7, suggestion: 'did you mean "tooHot"?' });
  const apart = given(["rulesFile: rules.yaml"], { "rules.yaml": "change:\n  tooHot: { times: 3 }\n" });
  expect((await apart.problems()).filter(isError)).toMatchObject([
    { path: "change.tooHot.times", file: join(apart.folder, "rules.yaml"), line: 2 },
  ]);
  expect((await given(["rulesFile: none.yaml"]).problems()).filter(isError)).toMatchObject([
    { path: "rulesFile", what: expect.stringContaining("does not exist") },
  ]);
  const both = given(["rulesFile: rules.yaml", "rules: {}"], { "rules.yaml": "{}" });
  expect((await both.problems()).filter(isError)).toMatchObject([{ path: "rulesFile", what: "rules are given already" }]);
});

test("loadRules(): the example that is shipped is right, and what it says is in force", async () => {
  const { found, rules, off } = await loadRules(join(import.meta.dirname, "../../../fixtures/configs/rules.yaml"), fileConfigIo({}));
  expect([found, off]).toEqual([[], ["callWithoutEnd"]]);
  expect(rules.map(({ id }) => id)).toEqual(expect.arrayContaining(["roomLoss", "cabinetDark", "linesRestless"]));
});

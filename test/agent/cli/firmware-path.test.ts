import { expect, test } from "vitest";
import { agent, done, failed } from "./agent.ts";

const step = (changes: object = {}) => ({
  ...{ step: 1, release: "ucs-5.7.3", version: "5.7.3.1797", title: "UC Software 5.7.3", kind: "combined", from: "5.5.2.8571" },
  ...{
    reversibility: "in_place",
    likelyMs: 300_000,
    atMostMs: 720_000,
    why: "the release states it",
    staged: true,
    warnings: [],
    foreseen: false,
  },
  ...changes,
});
const path = (changes: object = {}) => ({
  schema: "groundswell.firmware-path/1",
  ...{ device: "d-1", name: "Reception", model: "VVX 411", running: "5.5.2.8571", updater: "5.7.2.21547" },
  ...{ release: "ucs-5.9.8", version: "5.9.8.5760", title: "UC Software 5.9.8" },
  steps: [step(), step({ step: 2, release: "ucs-5.9.8", version: "5.9.8.5760", from: "5.7.3.1797", staged: false, foreseen: true })],
  notAtOnce: { code: "steppingStone", why: "the Updater lacks the key" },
  now: { ok: true },
  ...changes,
});
const ran = async (result: object, ...more: readonly string[]) =>
  (await agent({ "firmware.path": done(result) })).run(["firmware", "path", "Reception", "ucs-5.9.8", ...more]);

test("firmware path: the steps as a table, why not at once, and the command of the first", async () => {
  const { code, out } = await ran(path());
  expect(code).toBe(0);
  for (const words of [
    /Reception \(VVX 411\) runs 5\.5\.2\.8571, Updater 5\.7\.2\.21547; wanted 5\.9\.8\.5760/,
    /2 steps:\nSTEP +FROM +TO/,
    /1 +5\.5\.2\.8571 +5\.7\.3\.1797 +ucs-5\.7\.3 +5 min +goes back +staged/,
    /2 +5\.7\.3\.1797 +5\.9\.8\.5760 .* not staged/,
    /Why not at once: the Updater lacks the key/,
    /foreseen: each is judged anew/,
    /Next: groundswell campaign plan ucs-5\.7\.3 --device d-1/,
  ])
    expect(out).toMatch(words);
});

test("firmware path: warnings and key codes stand beside their step; a first step that waits says for what", async () => {
  const { out } = await ran(
    path({
      steps: [step({ warnings: ["that is uncertain"], keyCode: "missing", reversibility: "one_way" })],
      notAtOnce: undefined,
      now: { ok: false, code: "offline", why: "it does not answer", lifts: "it answers again" },
    }),
  );
  expect(out).toMatch(/cannot go back/);
  expect(out).toContain("1: needs a key code for this major release: missing");
  expect(out).toContain("1: mind: that is uncertain");
  expect(out).toContain("The first step cannot be planned now: it does not answer; lifted by: it answers again");
});

test.each([
  [
    "no way",
    { ok: false, code: "noEdge", why: "no known step", lifts: "a release in between" },
    3,
    "No way there: no known step; lifted by: a release in between",
  ],
  [
    "there already",
    { ok: false, code: "alreadyCurrent", why: "already runs it", lifts: "nothing to do" },
    0,
    "Nothing to do: already runs it",
  ],
])("firmware path: %s", async (_what, now, code, words) => {
  const answer = await ran(path({ steps: [], notAtOnce: undefined, now }));
  expect([answer.code, answer.out]).toEqual([code, expect.stringContaining(words)]);
});

test("firmware path: --json is the answer as it came, --plain the steps alone; an unknown device is exit 3", async () => {
  expect((await ran(path(), "--json")).json()).toEqual(path());
  expect((await ran(path(), "--plain")).out.split("\n")[0]).toBe("1\t5.5.2.8571\t5.7.3.1797\tucs-5.7.3\t5 min\tgoes back\tstaged");
  const site = await agent({ "firmware.path": failed("notFound", 'No device "x"') });
  expect((await site.run(["firmware", "path", "x", "y"])).code).toBe(3);
});

test("firmware path: a name from outside does not drive the terminal", async () => {
  expect((await ran(path({ name: "Rec\u001b[2Jeption" }))).out).not.toContain("\u001b");
});

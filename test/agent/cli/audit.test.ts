import { expect, test } from "vitest";
import { agent, done } from "./agent.ts";

const ENTRY = {
  seq: 7,
  at: "2026-11-22T11:00:00Z",
  actor: "doe",
  action: "campaign.pause",
  subject: "c-1",
  detail: { door: "socket", code: "done" },
};

test("audit list: who did what to what, the detail in words", async () => {
  const site = await agent({ "audit.list": done({ entries: [ENTRY] }) });
  const ran = await site.run(["audit", "list", "--after", "6", "--limit", "10"]);
  expect(ran.out).toMatch(/^NO +WHEN/);
  expect(ran.out).toMatch(/7 +60 min ago +doe +campaign\.pause +c-1 +door socket, code done/);
  expect(site.asked[0]).toEqual({ name: "audit.list", args: { after: 6, limit: 10 } });
});

test("audit list: --json, --ndjson and --plain", async () => {
  const site = await agent({ "audit.list": done({ entries: [ENTRY] }) });
  expect((await site.run(["audit", "list", "--json"])).json()).toEqual({ schema: "groundswell.audit/1", entries: [ENTRY] });
  expect((await site.run(["audit", "list", "--ndjson"])).json()).toEqual({ schema: "groundswell.audit-row/1", ...ENTRY });
  expect((await site.run(["audit", "list", "--plain"])).out).toBe(
    "7\t2026-11-22T11:00:00Z\tdoe\tcampaign.pause\tc-1\tdoor socket, code done\n",
  );
});

test("audit list: nothing done yet, and nothing since", async () => {
  const site = await agent({ "audit.list": done({ entries: [] }) });
  expect((await site.run(["audit", "list"])).err).toBe("Nothing has been done yet.\n");
  expect((await site.run(["audit", "list", "--after", "9"])).err).toBe("Nothing has been done since entry 9.\n");
});

test.each([
  ["--limit", "0"],
  ["--limit", "501"],
  ["--after", "-1"],
  ["--after", "1.5"],
])("audit list: %s %s is a usage error", async (...option) => {
  const site = await agent({ "audit.list": done({ entries: [] }) });
  expect((await site.run(["audit", "list", ...option])).code).toBe(2);
  expect(site.asked).toEqual([]);
});

test("audit verify: a whole chain is exit 0, a broken one exit 1 and says where and what to do", async () => {
  const whole = await (await agent({ "audit.verify": done({ ok: true, count: 1, head: "aa" }) })).run(["audit", "verify"]);
  expect([whole.code, whole.out]).toEqual([0, "The audit is whole: 1 entry, head aa\n"]);
  const site = await agent({ "audit.verify": done({ ok: false, atSeq: 3, why: "row 3 is missing" }) });
  const broken = await site.run(["audit", "verify"]);
  expect(broken.code).toBe(1);
  expect(broken.out).toContain("broken at entry 3: row 3 is missing. Keep the database as it is");
  const json = await site.run(["audit", "verify", "--json"]);
  expect([json.code, json.json()]).toEqual([1, { schema: "groundswell.audit-verify/1", ok: false, atSeq: 3, why: "row 3 is missing" }]);
});

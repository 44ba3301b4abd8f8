import { expect, test } from "vitest";
import type { Exchange, RecordedFolder } from "../../agent/recording/format.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { OWNER, recordingOf } from "../agent/recording/kit.ts";
import { replayIo, replayTarget } from "./replay.ts";

const never = new AbortController().signal;
const web = { address: "192.0.2.1", port: 443, secure: true, trust: "any" } as const;
const access = { version: "2c", community: new Secret("x") } as const;
const agent = { address: "192.0.2.1", port: 161, access };

function folderOf(doors: Readonly<Record<string, readonly Exchange[]>>): RecordedFolder {
  const records = Object.entries(doors).map(([door, exchanges]) => [door, { exchanges }]);
  return { ...recordingOf(OWNER), doors: Object.fromEntries(records), mustNotAppear: [] };
}

test("replayIo(): equal asks get their answers in order, the last one again; what was not recorded is a shut door", async () => {
  const ask = { path: "/a", method: "GET" };
  const { http } = replayIo(
    folderOf({
      https: [
        { ask, answer: { status: 403 } },
        { ask, answer: { status: 200, json: [] } },
      ],
    }),
  );
  const statuses = [];
  for (let n = 0; n < 3; n++) {
    const answer = await http.ask(web, { method: "GET", path: "/a" }, never);
    statuses.push(answer.ok && answer.value.status);
  }
  expect(statuses).toEqual([403, 200, 200]);
  const unknown = { ok: false, fault: { kind: "unreachable", via: "https", detail: "not recorded" } };
  expect(await http.ask(web, { method: "GET", path: "/b" }, never)).toEqual(unknown);
  expect(await http.ask(web, { method: "POST", path: "/a" }, never)).toEqual(unknown);
});

test("replayIo(): objects asked for in another grouping are still there, under the same version only", async () => {
  const walk = { ask: { version: "2c", walk: "1.2" }, answer: { "1.2.1": { integer: 1 }, "1.2.2": { text: "x" } } };
  const { snmp } = replayIo(folderOf({ snmp: [walk] }));
  expect(await snmp.walk(agent, "1.2", never)).toMatchObject({ ok: true, value: [{ oid: "1.2.1" }, { oid: "1.2.2" }] });
  expect(await snmp.get(agent, ["1.2.2"], never)).toMatchObject({ ok: true });
  expect(await snmp.get(agent, ["1.2.2", "1.2.3"], never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  const other = { ...agent, access: { ...access, version: "1" } as const };
  expect(await snmp.get(other, ["1.2.2"], never)).toMatchObject({ ok: false });
});

test("replayIo(): a driver that looks for another shape than was recorded does not find it", async () => {
  const exchanges = [
    { ask: { session: true }, answer: {} },
    { ask: { command: "version" }, answer: { lines: ["version 6.2"] } },
  ];
  const { ssh, telnet } = replayIo(folderOf({ ssh: exchanges }));
  const target = { address: "192.0.2.1", port: 22, trust: "any", profile: "modern" } as const;
  const login = { id: "site", user: "admin", password: new Secret("x") };
  const asked = (line: RegExp) => ssh.session(target, login, (shell) => shell.ask("version", { line }), never);
  expect(await asked(/^version/)).toEqual({ ok: true, value: ["version 6.2"] });
  expect(await asked(/^model/)).toMatchObject({ ok: false, fault: { kind: "overBudget" } });
  const shut = await telnet.session({ address: "192.0.2.1", port: 24 }, login, async () => ({ ok: true, value: 1 }), never);
  expect(shut).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "telnet" } });
});

test("replayTarget(): the same address and kinds of credentials, and never the secrets that were used", () => {
  const target = replayTarget(folderOf({}));
  expect(target.address).toBe(OWNER.address);
  expect(target.credentials).toMatchObject([{ kind: "password", id: "password", user: OWNER.user }]);
});

import { expect, test } from "vitest";
import { agent, done, failed } from "./agent.ts";

function ticket(changes: object = {}): object {
  return {
    key: "abcdefgh.g1",
    title: "1 device lost",
    severity: 2,
    queue: "vendor",
    state: "open",
    devices: ["d-1", "d-2"],
    created: "2026-11-22T11:00:00Z",
    version: 2,
    deliveredVersion: 1,
    ...changes,
  };
}

test("ticket list: severity in words, and whether the desk knows", async () => {
  const tickets = [
    ticket({ lastOutcome: { kind: "later" } }),
    ticket({ key: "b.g1", deliveredVersion: 2, remoteId: "INC7", severity: 1 }),
    ticket({ key: "c.g1", severity: "odd" }),
  ];
  const site = await agent({ "ticket.list": done({ tickets }) });
  const ran = await site.run(["ticket", "list"]);
  expect(ran.out).toMatch(/abcdefgh\.g1 +error +open +vendor +2 +60 min ago +waits: later/);
  expect(ran.out).toMatch(/b\.g1 +critical .* INC7 /);
  expect(ran.out).toMatch(/c\.g1 +odd /);
  expect(ran.err).toContain("3 tickets");
  expect(site.asked[0]).toEqual({ name: "ticket.list", args: { state: "open" } });
});

test("ticket list: --json is the answer, --plain one row a line", async () => {
  const site = await agent({ "ticket.list": done({ tickets: [ticket()] }) });
  expect((await site.run(["ticket", "list", "--json"])).json()).toEqual({ schema: "groundswell.tickets/1", tickets: [ticket()] });
  expect((await site.run(["ticket", "list", "--plain"])).out).toBe(
    "abcdefgh.g1\terror\topen\tvendor\t2\t2026-11-22T11:00:00Z\twaits\t1 device lost\n",
  );
});

test("ticket list: none open says where closed ones are", async () => {
  const site = await agent({ "ticket.list": done({ tickets: [] }) });
  const ran = await site.run(["ticket", "list"]);
  expect([ran.code, ran.out]).toEqual([0, ""]);
  expect(ran.err).toContain("groundswell ticket list --state closed");
  expect((await site.run(["ticket", "list", "--state", "all"])).err).toBe("There are no such tickets.\n");
});

test("ticket list: an unknown state is a usage error that names the others", async () => {
  const ran = await (await agent({})).run(["ticket", "list", "--state", "half"]);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("open, closed, all");
});

test("ticket show: the head, then the document without what stands in the head", async () => {
  const document = {
    schema: "x/1",
    title: "1 device lost",
    timeline: [{ at: "11:00", what: "silent" }, "noted"],
    owner: null,
    model: { name: "VVX" },
  };
  const site = await agent({ "ticket.show": done(ticket({ document })) });
  const ran = await site.run(["ticket", "show", "abcdefgh.g1"]);
  expect(ran.out.split("\n")[0]).toBe("1 device lost");
  for (const part of ["severity  error", "devices   d-1, d-2", "timeline\n    - at 11:00, what silent\n    noted", "model\n    name VVX"])
    expect(ran.out).toContain(part);
  expect(ran.out).not.toContain("x/1");
  expect((await site.run(["ticket", "show", "abcdefgh.g1", "--json"])).json()["document"]).toEqual(document);
});

test("ticket show: an unknown key is exit 3", async () => {
  expect((await (await agent({ "ticket.show": failed("notFound") })).run(["ticket", "show", "x"])).code).toBe(3);
});

import { expect, test } from "vitest";
import { agent, done, TERMINAL } from "./agent.ts";

const PLACE = { place: "p-1", name: "Reception", room: "Lobby", duties: ["reception"], device: "d-1", model: "VVX 450" };

test("place list: a table; empty says how to make one", async () => {
  const full = await (await agent({ "place.list": done({ places: [PLACE] }) })).run(["place", "list"], TERMINAL);
  expect(full.out).toMatch(/Reception +Lobby +- +- +reception +d-1 +VVX 450 +p-1/);
  const none = await (await agent({ "place.list": done({ places: [] }) })).run(["place", "list"], TERMINAL);
  expect([none.code, none.err]).toEqual([0, expect.stringContaining("groundswell place set NAME")]);
});

test("place show: what it is, and all that served there", async () => {
  const served = [
    { mac: "64167f000001", device: "d-0", from: "2026-11-21T12:00:00Z", until: "2026-11-22T11:00:00Z", why: "the settings name it" },
  ];
  const site = await agent({ "place.show": done({ place: PLACE, served }) });
  const ran = await site.run(["place", "show", "Reception"], TERMINAL);
  expect(ran.out).toContain("Reception (p-1)");
  expect(ran.out).toMatch(/d-0 {2}from 24 h ago {2}until 60 min ago {2}the settings name it/);
  expect((await site.run(["place", "show", "Reception", "--json"])).json()).toEqual({ place: PLACE, served });
});

test("place set: what is not given is not touched; none and no duties are said", async () => {
  const answer = done({ place: { name: "Lab" }, made: true, warnings: ["the settings name this place too"] }, "Lab is made");
  const site = await agent({ "place.set": answer });
  const ran = await site.run(["place", "set", "Lab", "--room", "", "--lines", "2", "--device", "none", "--no-duties"], TERMINAL);
  expect([ran.code, ran.out, ran.err]).toEqual([0, "Lab is made\n", "Mind: the settings name this place too\n"]);
  expect(site.asked[1]?.args).toEqual({ place: "Lab", room: "", expectedLines: 2, duties: [], serves: null, dryRun: false });
  await site.run(["place", "set", "Lab", "--duty", "vip", "--duty", "emergency"]);
  expect(site.asked.at(-1)?.args).toEqual({ place: "Lab", duties: ["vip", "emergency"], dryRun: false });
  expect((await site.run(["place", "set", "Lab", "--duty", "cook"])).code).toBe(2);
});

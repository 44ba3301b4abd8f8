import { expect, test } from "vitest";
import { agent, done, failed, listed, status } from "./agent.ts";

const seen = listed({ lastSeen: "2027-01-01T00:00:00Z" });
const list = { "device.list": done({ devices: [seen] }) };

test("a demonstration's fast clock: how long ago is counted in its minutes", async () => {
  const fast = status({ now: "2027-01-01T00:14:00Z", clock: { factor: 60 } });
  expect((await (await agent({ ...list, "agent.status": done(fast) })).run(["device", "list"])).out).toContain("14 min ago");
});

test("a clock as fast as ours: our own is good enough", async () => {
  const same = status({ now: "2027-01-01T00:14:00Z", clock: { factor: 1 } });
  expect((await (await agent({ ...list, "agent.status": done(same) })).run(["device", "list"])).out).toContain("in 40 d");
});

test("an agent that does not say its time loses no answer", async () => {
  for (const said of [failed("busy"), done({ now: 1 })]) {
    const ran = await (await agent({ ...list, "agent.status": said })).run(["device", "list"]);
    expect([ran.code, ran.out.includes("in 40 d")]).toEqual([0, true]);
  }
});

test("scripts read absolute times: nothing is asked for them", async () => {
  const site = await agent(list);
  await site.run(["device", "list", "--plain"]);
  expect(site.asked.map(({ name }) => name)).toEqual(["device.list"]);
});

/** A campaign on a site that keeps its boot server: the real daemon in front of it, and a phone whose master file there names the old software. */
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../agent/demo/free-port.ts";
import { buildImage } from "../../fixtures/site/image.ts";
import { setCrashStage } from "../crash/story.ts";
import { openFiles } from "../support/provisioning-files.ts";

const RELEASE = "uc-software-6.4.8.1190";
const NEW = "6.4.8.1190";
const ORIGIN_MS = Temporal.Instant.from("2026-11-22T00:05:00Z").epochMilliseconds;
const MASTER = '<?xml version="1.0"?>\n<APPLICATION APP_FILE_PATH="sip.ld" CONFIG_FILES="common.cfg"/>\n';
const OVERRIDES = '<PHONE_CONFIG><OVERRIDES up.backlight.idleIntensity="1"/></PHONE_CONFIG>';

test("overlay: a phone is updated through it, stays on its version over its own restarts and the agent's, and asks the customer's server for all else", async () => {
  const old: { version: string; image: Buffer } = { version: "", image: Buffer.alloc(0) };
  const customer = await openFiles((line) => {
    if (/^GET \/[0-9a-f]{12}\.cfg$/.test(line)) return { status: 200, body: MASTER };
    if (/^GET \/[0-9a-f]{12}-web\.cfg$/.test(line)) return { status: 200, body: OVERRIDES };
    if (line.endsWith(".sip.ld")) return { status: 200, body: old.image };
    return line.startsWith("PUT ") ? { status: 201 } : undefined;
  });
  onTestFinished(() => customer.close());
  const port = await freePort();
  const crash = await setCrashStage({
    devices: 14,
    factor: 120,
    originMs: ORIGIN_MS,
    settings: {
      provisioning: { host: "127.0.0.1", port, mode: "overlay", upstream: { url: customer.url } },
      sweep: { every: "7d" },
      health: { phones: "2m", rooms: "1h", switches: "1h" },
      policy: { soak: "1m", lostAfter: "30m", failuresAllowed: 10, atRiskMax: 10 },
    },
  });
  try {
    const { site, technician, approver } = crash.stage;
    const phone = (await site.devices()).find(({ kind, running }) => kind === "vvx" && running.startsWith("6.4."));
    if (phone === undefined) throw new Error("the site has no such phone");
    const { mac } = phone;
    old.version = phone.running;
    old.image = buildImage({ header: { version: phone.running, partNumbers: [] }, sizeBytes: 20_000, seed: 3 });
    const asks = (url: string) => site.control("POST", `/devices/${mac}/provisioning`, { url });
    const events = async () => (await site.journal()).filter((entry) => entry.mac === mac);
    const flashes = async () => (await events()).filter(({ what }) => what === "flash").map(({ detail }) => detail);
    const running = async () => (await site.devices()).find((one) => one.mac === mac)?.running;
    /** Off and on again, until it has ended the visit of its boot. */
    const reboot = async (): Promise<void> => {
      const before = (await events()).length;
      await site.control("POST", `/devices/${mac}/power`, { on: false });
      await site.control("POST", `/devices/${mac}/power`, { on: true });
      const ended = async () => (await events()).slice(before).some(({ what, detail }) => what === "upload" && detail === `${mac}-app.log`);
      await crash.until("the end of its boot", async () => ((await ended()) ? true : undefined));
    };
    await asks(`http://127.0.0.1:${port}/`);
    await reboot();
    expect(await running()).toBe(old.version);

    await crash.until("the catalogue", async () => {
      const { result } = await crash.ask("firmware.list");
      return (result as { releases: readonly unknown[] }).releases.length === 2 ? true : undefined;
    });
    expect((await crash.command(technician, "firmware.stage", { release: RELEASE })).status).toBe("done");
    // Until it has been read after its restart it is held back.
    const { plan, planHash } = await crash.until("a plan", () => crash.plan(technician, { release: RELEASE, devices: [`d-${mac}`] }));
    const args = { campaign: plan.campaign, planHash };
    expect((await crash.command(approver, "campaign.approve", args)).status).toBe("done");
    const started = await crash.command(technician, "campaign.start", args);
    expect(started.status, started.message).toBe("done");
    await crash.until("the end of the update", async () => {
      const at = (await crash.campaign(plan.campaign)).tasks[0]?.at;
      if (at === "failed" || at === "lost") throw new Error(`the update ${at}`);
      return at === "succeeded" ? true : undefined;
    });
    expect([await running(), await flashes()]).toEqual([NEW, [NEW]]);
    // What was set on its web page is kept here, though it lies on the customer's server; of the phone's own there is none.
    const { result } = await crash.ask("config.list", { device: `d-${mac}` });
    const sources = (result as { versions: readonly { source: string }[] }).versions.map(({ source }) => source);
    expect(sources.filter((source) => source.endsWith("-overrides"))).toEqual(["web-overrides"]);

    await reboot();
    expect([await running(), await flashes()]).toEqual([NEW, [NEW]]);
    await crash.restart({});
    await reboot();
    expect([await running(), await flashes()]).toEqual([NEW, [NEW]]);
    // Its configuration came from the customer's server all the time.
    const lines = customer.lines().filter((line) => line.includes(mac) || line.includes("common.cfg"));
    expect(lines.filter((line) => line === "GET /common.cfg").length).toBeGreaterThanOrEqual(3);
    const forwarded = customer.asked.filter(({ line }) => line === `GET /${mac}.cfg`).map(({ headers }) => headers["x-forwarded-for"]);
    expect(new Set(forwarded)).toEqual(new Set([phone.address]));

    // What the agent keeps it from: asked straight, that server sends it back.
    await asks(customer.url);
    await site.control("POST", `/devices/${mac}/power`, { on: false });
    await site.control("POST", `/devices/${mac}/power`, { on: true });
    await crash.until("its way back", async () => ((await running()) === old.version ? true : undefined));
    expect(await flashes()).toEqual([NEW, old.version]);
  } finally {
    await crash.close();
  }
});

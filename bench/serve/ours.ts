/** The endpoint phones boot from, with one image offered to each of many. Ends with its standard input, and says how its loop fared. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Mac, Sha256 } from "../../protocols/core/ids.ts";
import { systemClock } from "../../protocols/core/time.ts";
import { openEndpoint } from "../../protocols/provisioning/endpoint.ts";
import { openUploads } from "../../protocols/provisioning/uploads.ts";
import { PART, tokenOf } from "./plan.ts";

const [imagePath = "", phones = "0"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "groundswell-bench-uploads-"));
const endpoint = await openEndpoint({
  host: "127.0.0.1",
  port: 0,
  uploads: await openUploads(folder),
  clock: systemClock(),
  onEvent(event) {
    if (event.kind === "bug") throw event.error;
  },
});
for (let at = 0; at < Number(phones); at++) {
  const offered = endpoint.offer({
    token: tokenOf(at),
    mac: `64167f${at.toString(16).padStart(6, "0")}` as Mac,
    imageName: "sip.ld",
    partNumbers: [PART],
    imagePath,
    sizeBytes: statSync(imagePath).size,
    sha256: "0f".repeat(32) as Sha256,
  });
  if (!offered.ok) throw new Error(`Cannot measure: no offer to phone ${at}`);
}
/** The loop is looked at so often; a delay is what is more. */
const LOOK_MS = 5;
const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
delay.enable();
process.stdout.write(`${JSON.stringify({ port: endpoint.port })}\n`);
process.stdin.resume().once("end", async () => {
  delay.disable();
  process.stdout.write(`${JSON.stringify({ p99Ms: Math.max(0, delay.percentile(99) / 1e6 - LOOK_MS) })}\n`);
  await endpoint.close();
  rmSync(folder, { recursive: true, force: true });
});

import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Probes, startProbeServer } from "../../../agent/web/probes.ts";

const WELL: Probes = { live: async () => ({ ok: true, reasons: [] }), ready: () => ({ ok: false, reasons: ["a", "b"] }) };

async function ask(probes: Probes, path: string, method = "GET") {
  const server = await startProbeServer({ host: "127.0.0.1", port: 0 }, probes);
  onTestFinished(() => server.close());
  return new Promise<{ status: number; cache: string | undefined; text: string }>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: server.port, path, method }, (response) => {
      let text = "";
      response.on("data", (piece: Buffer) => {
        text += piece.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, cache: response.headers["cache-control"], text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("GET /healthz, /readyz: 200 or 503, with all reasons, and nobody may keep the answer", async () => {
  expect(await ask(WELL, "/healthz")).toEqual({ status: 200, cache: "no-store", text: '{"status":"ok","reasons":[]}' });
  expect(await ask(WELL, "/readyz")).toEqual({ status: 503, cache: "no-store", text: '{"status":"notReady","reasons":["a","b"]}' });
  const failing: Probes = { ...WELL, live: async () => ({ ok: false, reasons: ["c"] }) };
  expect(await ask(failing, "/healthz")).toMatchObject({ status: 503, text: '{"status":"failing","reasons":["c"]}' });
});

test("GET /metrics: only where metrics are kept; nothing takes a POST", async () => {
  expect((await ask(WELL, "/metrics")).status).toBe(404);
  const kept: Probes = { ...WELL, metrics: async () => ({ contentType: "text/plain", text: "a 1\n" }) };
  expect(await ask(kept, "/metrics")).toMatchObject({ status: 200, text: "a 1\n" });
  expect((await ask(kept, "/metrics", "POST")).status).toBe(404);
});

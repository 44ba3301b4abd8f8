/**
 * `/healthz`, `/readyz` and `/metrics` for those who watch the agent: on the local socket, and on a port of their own where
 * the settings name one. Whoever reaches them may read them; they change nothing and name no secret.
 */
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Verdict } from "../lifecycle/pulse.ts";
import type { MetricsPage } from "../metrics/prometheus.ts";

export interface Probes {
  live(): Promise<Verdict>;
  ready(): Verdict;
  /** Absent where no metrics are kept. */
  readonly metrics?: () => Promise<MetricsPage>;
}

/** A probe has no body. */
const BODY_BYTES_MAX = 1_024;
/** Real milliseconds one request may take to arrive. */
const REQUEST_TIMEOUT_MS = 10_000;

export function addProbes(app: FastifyInstance, probes: Probes): void {
  const answer = (response: FastifyReply, { ok, reasons }: Verdict, bad: string): FastifyReply =>
    response
      .code(ok ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status: ok ? "ok" : bad, reasons });
  app.get("/healthz", async (_request, response) => answer(response, await probes.live(), "failing"));
  app.get("/readyz", (_request, response) => answer(response, probes.ready(), "notReady"));
  const { metrics } = probes;
  if (metrics === undefined) return;
  app.get("/metrics", async (_request, response) => {
    const { contentType, text } = await metrics();
    return response.header("content-type", contentType).header("cache-control", "no-store").send(text);
  });
}

export interface ProbeServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @param where `port` 0 takes a free one */
export async function startProbeServer(where: { readonly host: string; readonly port: number }, probes: Probes): Promise<ProbeServer> {
  const app = Fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true });
  addProbes(app, probes);
  await app.listen(where);
  const address = app.server.address();
  return { port: typeof address === "object" && address !== null ? address.port : where.port, close: () => app.close() };
}

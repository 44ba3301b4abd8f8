/** A Lens made by hand from the document: a token endpoint and a GraphQL endpoint on loopback, with a certificate of its own. */

import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { type ManualClock, manualClock } from "../../../protocols/core/time.ts";
import { createHttpClient, type HttpClient } from "../../../protocols/http/client.ts";
import { createLensClient, type LensAccount, type LensClient } from "../../../protocols/lens/client.ts";
import { type MadeCertificate, makeCertificate } from "../../support/certificate.ts";
import { type HttpsDevice, httpsDevice, type SeenRequest } from "../../support/https-device.ts";

export const never = new AbortController().signal;
/** 2 January 2026, 03:04:05.678 UTC. */
export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
export const SECRET = "lens-s3cret-canary";
export const CLIENT_ID = "lens-id-canary";
const CLOUD = makeCertificate("CN=lens.example", undefined, "127.0.0.1");

/** What a GraphQL request held. */
export interface Asked {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly authorization: string | undefined;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body: unknown;
}

export interface FakeLens {
  readonly server: HttpsDevice;
  readonly asked: Asked[];
  readonly tokenBodies: unknown[];
  readonly account: LensAccount;
  readonly clock: ManualClock;
  readonly http: HttpClient;
  readonly client: LensClient;
}

export const token = (name: string, expires_in: unknown = 86_400): Reply => ({
  body: { access_token: name, expires_in, token_type: "Bearer" },
});
export const data = (value: unknown): Reply => ({ body: { data: value } });
export const errors = (...list: readonly unknown[]): Reply => ({ status: 400, body: { errors: list } });
/** As captured: code, hint and stack trace. */
export const unknownField = (field: string, hint = "") => ({
  message: `Cannot query field "${field}" on type "Device".${hint}`,
  extensions: { code: "GRAPHQL_VALIDATION_FAILED", stacktrace: ["GraphQLError: over limit of nothing", `    at ${SECRET}`] },
});
export const cost = (queryCost: number, costRemaining: number, secondsToReset: number) => ({
  calculateQueryCost: { queryCost, costUsed: 1_000 - costRemaining, costRemaining, secondsToReset },
});

export interface FakeOptions {
  readonly tokens?: (count: number) => Reply;
  readonly graphql?: (asked: Asked, count: number) => Reply | ((response: ServerResponse) => void);
  readonly certificate?: MadeCertificate;
}

export async function fakeLens(options: FakeOptions = {}): Promise<FakeLens> {
  const { tokens = () => token("token-1"), graphql = () => data({}), certificate = CLOUD } = options;
  const asked: Asked[] = [];
  const tokenBodies: unknown[] = [];
  const server = await httpsDevice(certificate, (request, response) => {
    if (request.path === "/oauth/token") {
      tokenBodies.push(JSON.parse(request.body));
      return say(response, tokens(tokenBodies.length));
    }
    asked.push(askedOf(request));
    const reply = graphql(asked.at(-1) as Asked, asked.length);
    if (typeof reply === "function") reply(response);
    else say(response, reply);
  });
  const http = createHttpClient({ random: seededRandom(7) });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const clock = manualClock(NOW_MS);
  const origin = `https://127.0.0.1:${server.port}`;
  const account: LensAccount = {
    clientId: new Secret(CLIENT_ID),
    clientSecret: new Secret(SECRET),
    endpoints: { token: `${origin}/oauth/token`, graphql: `${origin}/graphql` },
    roots: CLOUD.cert,
  };
  return { server, asked, tokenBodies, account, clock, http, client: createLensClient(account, { http, clock }) };
}

function askedOf(request: SeenRequest): Asked {
  const body = JSON.parse(request.body) as { query: string; variables: Record<string, unknown> };
  return { ...body, authorization: request.headers.authorization };
}

function say(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** The node of the document. */
export const TRIO = {
  id: "64167faabbcc",
  name: "Room 5",
  connected: true,
  lastDetected: "2026-01-02T03:04:05.678Z",
  lastConfigRequestDate: "2026-01-02T03:04:20.000Z",
  softwareVersion: "7.2.7.0110",
  softwareBuild: "0110",
  internalIp: "192.0.2.20",
  externalIp: "198.51.100.9",
  hardwareModel: "Trio 8800",
  productId: "Trio 8800",
  macAddress: "64:16:7f:aa:bb:cc",
  hardwareRevision: "A",
  site: { id: "s1", name: "Zug" },
  room: null,
};

export const page = (nodes: readonly unknown[], pageInfo: Record<string, unknown> = {}) => ({
  deviceSearch: {
    edges: nodes.map((node) => ({ node })),
    pageInfo: { totalCount: nodes.length, countOnPage: nodes.length, nextToken: null, hasNextPage: false, ...pageInfo },
  },
});

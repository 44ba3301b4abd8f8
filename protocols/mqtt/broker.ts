/**
 * A small MQTT 3.1.1 broker on loopback; only importer of `aedes`. For the demo, tests, and sites that set `mqtt.embedded`.
 */
import { createServer, type Socket } from "node:net";
import { Aedes, type AuthenticateError } from "aedes";
import { Bug } from "../core/fault.ts";
import { parseSiteId } from "../core/ids.ts";
import { Secret } from "../core/secret.ts";
import { isLoopback } from "./link.ts";
import { deskMayPublish, deskMaySubscribe, siteMayPublish, siteMaySubscribe } from "./topics.ts";

/** A site publishes below its own prefix and hears only its own commands; a desk (technician, portal) hears all and publishes commands. */
export type BrokerRole = "site" | "desk";

export interface BrokerOptions {
  /** A loopback address; anything else is a `Bug`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Who may come in, and as what; `undefined` turns away. Without it everybody may: a site by its id, a desk by any other name. */
  readonly authenticate?: (user: string, password: Secret) => Promise<BrokerRole | undefined>;
}

export interface Broker {
  readonly port: number;
  /** Open connections. */
  readonly connected: number;
  close(): Promise<void>;
}

/** Connections at once; a loopback broker serves one agent, a page and some technicians. */
const MAX_CONNECTIONS = 1_000;
/** MQTT 3.1.1 table 3.1: bad user name or password. */
const BAD_LOGIN = 4;

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  if (!isLoopback(options.host)) throw new Bug(`The embedded broker may not listen on "${options.host}"`);
  const roles = new WeakMap<object, { role: BrokerRole; user: string }>();
  const aedes = await Aedes.createBroker({
    authenticate: (client, user = "", password, done) => {
      const roleOf = options.authenticate ?? trustingRoleOf;
      roleOf(user, new Secret(password?.toString("utf8") ?? "")).then(
        (role) => {
          if (role === undefined) return done(badLogin(), false);
          roles.set(client, { role, user });
          done(null, true);
        },
        () => done(badLogin(), false),
      );
    },
    authorizePublish: (client, packet, done) => {
      const who = client === null ? undefined : roles.get(client);
      done(who !== undefined && mayPublish(who, packet.topic) ? null : new Error("publish not allowed"));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const who = roles.get(client);
      const allowed = who !== undefined && maySubscribe(who, subscription.topic);
      done(null, allowed ? subscription : null);
    },
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.setNoDelay(true);
    aedes.handle(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  // A client that breaks the protocol is closed by aedes; there is nothing more to do about it.
  aedes.on("clientError", () => {});
  aedes.on("connectionError", () => {});
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port,
    get connected() {
      return sockets.size;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

async function trustingRoleOf(user: string): Promise<BrokerRole> {
  return parseSiteId(user) === undefined ? "desk" : "site";
}

function mayPublish(who: { role: BrokerRole; user: string }, topic: string): boolean {
  if (who.role === "desk") return deskMayPublish(topic);
  const site = parseSiteId(who.user);
  return site !== undefined && siteMayPublish(site, topic);
}

function maySubscribe(who: { role: BrokerRole; user: string }, filter: string): boolean {
  if (who.role === "desk") return deskMaySubscribe(filter);
  const site = parseSiteId(who.user);
  return site !== undefined && siteMaySubscribe(site, filter);
}

function badLogin(): AuthenticateError {
  return Object.assign(new Error("bad user name or password"), { returnCode: BAD_LOGIN });
}

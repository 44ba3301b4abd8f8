/**
 * A small MQTT 3.1.1 broker on loopback; only importer of `aedes`. For the demo, tests, and sites that set `mqtt.embedded`.
 */
import { createServer,             } from "node:net";
import { Aedes,                        } from "aedes";
import { Bug } from "../core/fault.ts";
import { parseSiteId } from "../core/ids.ts";
import { Secret } from "../core/secret.ts";
import { isLoopback } from "./link.ts";
import { deskMayPublish, deskMaySubscribe, siteMayPublish, siteMaySubscribe } from "./topics.ts";

/** A site publishes below its own prefix and hears only its own commands; a desk (technician, portal) hears all and publishes commands. */

/** Connections at once; a loopback broker serves one agent, a page and some technicians. */
const MAX_CONNECTIONS = 1_000;
/** MQTT 3.1.1 table 3.1: bad user name or password. */
const BAD_LOGIN = 4;

export async function startBroker(options               )                  {
  if (!isLoopback(options.host)) throw new Bug(`The embedded broker may not listen on "${options.host}"`);
  const roles = new WeakMap                                            ();
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
  const sockets = new Set        ();
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
  const port = await new Promise        ((resolve, reject) => {
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
      const closed = new Promise      ((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await new Promise      ((resolve) => aedes.close(() => resolve()));
    },
  };
}

async function trustingRoleOf(user        )                      {
  return parseSiteId(user) === undefined ? "desk" : "site";
}

function mayPublish(who                                    , topic        )          {
  if (who.role === "desk") return deskMayPublish(topic);
  const site = parseSiteId(who.user);
  return site !== undefined && siteMayPublish(site, topic);
}

function maySubscribe(who                                    , filter        )          {
  if (who.role === "desk") return deskMaySubscribe(filter);
  const site = parseSiteId(who.user);
  return site !== undefined && siteMaySubscribe(site, filter);
}

function badLogin()                    {
  return Object.assign(new Error("bad user name or password"), { returnCode: BAD_LOGIN });
}


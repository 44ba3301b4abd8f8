/** The same image by `@fastify/static`. Ends with its standard input. */
import { basename, dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import fastify from "fastify";
import { endWithStdin } from "../child.ts";

const [imagePath = ""] = process.argv.slice(2);
const server = fastify();
await server.register(fastifyStatic, {
  root: dirname(imagePath),
  index: false,
  list: false,
  allowedPath: (path) => path === `/${basename(imagePath)}`,
});
await server.listen({ host: "127.0.0.1", port: 0 });
const address = server.server.address();
process.stdout.write(`${JSON.stringify({ port: typeof address === "object" && address !== null ? address.port : 0 })}\n`);
endWithStdin();

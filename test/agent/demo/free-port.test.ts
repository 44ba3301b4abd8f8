import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../../agent/demo/free-port.ts";

test("freePort(): whoever asks next can have it", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  expect(server.address()).toMatchObject({ address: "127.0.0.1", port });
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

/**
 * A command line over SSH for the bench: lets anybody in by password or key, answers `version` in a shell and as a single
 * command. Prints its port; ends with its standard input. Argument: file of the host key.
 */
import { readFileSync } from "node:fs";
import ssh2 from "ssh2";
import { endWithStdin } from "../child.ts";

const ANSWER = 'version "Release - 6.2.2.8-670021"\r\n';

const server = new ssh2.Server({ hostKeys: [readFileSync(process.argv[2] ?? "")] }, (client) => {
  // As OpenSSH's server does; the type package does not know it.
  (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
  client.on("error", () => undefined);
  client.on("authentication", (context) => context.accept());
  client.on("ready", () => {
    client.on("session", (accept) => {
      const session = accept();
      session.on("pty", (yes) => yes?.());
      session.on("env", (yes) => yes?.());
      session.on("exec", (yes) => {
        const channel = yes();
        channel.write(ANSWER);
        channel.exit(0);
        channel.end();
      });
      session.on("shell", (yes) => {
        const channel = yes();
        channel.write("-> ");
        channel.on("data", (chunk: Buffer) => {
          if (chunk.includes("exit")) channel.end();
          else channel.write(`${ANSWER}-> `);
        });
      });
    });
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
endWithStdin();

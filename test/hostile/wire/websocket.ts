/** The broker of `mqtt.ts` behind a WebSocket: its handshake and its frames are spoiled as its packets are. */
import { frame, handshake, unmasker } from "../../protocols/mqtt/server-frames.ts";
import { conversation, wireOver } from "./mqtt.ts";
import type { Wire } from "./run.ts";
import type { Line } from "./tcp.ts";

const END = "\r\n\r\n";

function serve(line: Line): void {
  const say = (message: Buffer): void => line.say(frame(message));
  const take = unmasker({ data: conversation(line, say), close: () => line.perform([{ act: "end" }]) });
  let head = "";
  const onHead = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    const key = head.endsWith(END) ? /\r\nSec-WebSocket-Key: (\S+)\r\n/.exec(head)?.[1] : undefined;
    if (key === undefined) return;
    line.socket.off("data", onHead);
    line.socket.on("data", take);
    line.say(handshake(key));
  };
  line.socket.on("data", onHead);
}

export const webSocket: Wire = wireOver(serve, 6, { webSocket: { path: "/mqtt" } });

/**
 * Telnet's negotiation inside a stream of text: every option is refused, once, and taken out of the text.
 * Source: RFC 854, RFC 855.
 */

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;

export interface Negotiated {
  /** What the device said, without the negotiation. */
  readonly text: Buffer;
  /** What is to be sent back. */
  readonly reply: Buffer;
}

/** Takes bytes as they arrive: a command may be cut anywhere. */
export function createNegotiator(): (chunk: Buffer) => Negotiated {
  /** Answering what was answered already would let two polite sides talk for ever. */
  const refused = new Set<string>();
  let at: "text" | "command" | "option" | "sub" | "subCommand" = "text";
  let verb = 0;

  const refuse = (option: number, reply: number[]): void => {
    const key = `${verb} ${option}`;
    if ((verb !== DO && verb !== WILL) || refused.has(key)) return;
    refused.add(key);
    reply.push(IAC, verb === DO ? WONT : DONT, option);
  };
  const command = (byte: number, text: number[]): void => {
    if (byte === IAC) text.push(IAC);
    verb = byte;
    at = byte >= WILL && byte <= DONT ? "option" : byte === SB ? "sub" : "text";
  };

  return (chunk) => {
    const text: number[] = [];
    const reply: number[] = [];
    for (const byte of chunk) {
      if (at === "text" && byte !== IAC) text.push(byte);
      else if (at === "text") at = "command";
      else if (at === "command") command(byte, text);
      else if (at === "option") {
        refuse(byte, reply);
        at = "text";
      } else if (at === "sub") at = byte === IAC ? "subCommand" : "sub";
      else at = byte === SE ? "text" : "sub";
    }
    return { text: Buffer.from(text), reply: Buffer.from(reply) };
  };
}

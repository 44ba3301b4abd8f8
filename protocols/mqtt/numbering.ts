/**
 * Packets that are answered by their identifier and have none. The library reads one that is cut short as -1 and throws while it writes
 * the answer, where nobody can catch it. Source: MQTT 3.1.1, 2.3.1 (a non-zero 16-bit packet identifier).
 */

interface Numbered {
  readonly cmd?: string;
  readonly qos?: number;
  readonly messageId?: number | undefined;
}

export function isMisnumbered({ cmd, qos = 0, messageId = 0 }: Numbered): boolean {
  const isAnswered = cmd === "pubrel" || cmd === "pubrec" || (cmd === "publish" && qos > 0);
  return isAnswered && !(messageId >= 1 && messageId <= 65_535);
}

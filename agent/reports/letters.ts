/** Text as the built-in fonts of PDF can write it. Pure. */

/** What the built-in fonts of PDF hold besides Latin-1. Source: ISO 32000-1, annex D, WinAnsiEncoding. */
const MORE_LETTERS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/** The letters a built-in font has; of another letter its plain form, else `?`. The JSON beside it holds every text in full. */
export function plain(text: string): string {
  return [...text.replaceAll(/\s+/g, " ")].map(letterOf).join("");
}

function letterOf(letter: string): string {
  if (/[\x20-\x7e\u00a0-\u00ff]/.test(letter) || MORE_LETTERS.includes(letter)) return letter;
  if (letter === "→") return "->";
  const stroke = "łŁđĐħĦıŧŦ".indexOf(letter);
  if (stroke >= 0) return "lLdDhHitT".charAt(stroke);
  const base = letter.normalize("NFKD").replaceAll(/\p{Mark}/gu, "");
  return /^[\x20-\x7e]+$/.test(base) ? base : "?";
}

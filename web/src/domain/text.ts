/** Warnings about what does not belong in a note. */

/** True when the text holds a number of nine digits that passes the check of a BSN (the "elfproef"). */
export function looksLikeBsn(text: string): boolean {
  for (const match of text.matchAll(/(?<!\d)\d(?:[ .-]?\d){8}(?!\d)/g)) {
    const digits = [...match[0].replace(/\D/g, "")].map(Number);
    const sum = digits.reduce((total, digit, index) => total + digit * (index === 8 ? -1 : 9 - index), 0);
    if (sum % 11 === 0 && digits.some((digit) => digit !== 0)) return true;
  }
  return false;
}

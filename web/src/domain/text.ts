/** Small rules about words. */

/** True when the text holds a number of nine digits that passes the check of a BSN (the "elfproef"). */
export function looksLikeBsn(text: string): boolean {
  for (const match of text.matchAll(/(?<!\d)\d(?:[ .-]?\d){8}(?!\d)/g)) {
    const digits = Array.from(match[0].replace(/\D/g, ""), Number);
    const sum = digits.reduce((total, digit, index) => total + digit * (index === 8 ? -1 : 9 - index), 0);
    if (sum % 11 === 0 && digits.some((digit) => digit !== 0)) return true;
  }
  return false;
}

/** A Dutch number as it is said: 079 123 45 67. Another one stays as it is. */
export function spoken(number: string): string {
  return number.replace(/^\+31(\d{2})(\d{3})(\d{2})(\d{2})$/, "0$1 $2 $3 $4");
}

/** With a capital at the start: the catalogue writes its labels as they stand in a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toLocaleUpperCase("nl") + text.slice(1);
}

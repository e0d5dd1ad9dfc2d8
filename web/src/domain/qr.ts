/** A QR code as the path of an SVG: one unit a module, with the quiet zone of four that readers want. */

import { encode } from "uqr";

interface QrPath {
  /** Units along each side, quiet zone included. */
  readonly size: number;
  readonly path: string;
}

const QUIET = 4;

export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  let path = "";
  data.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue;
      let end = x + 1;
      while (row[end] === true) end += 1;
      path += `M${x} ${y}h${end - x}v1H${x}z`;
      x = end;
    }
  });
  return { size, path };
}

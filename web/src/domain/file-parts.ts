/** A client's files in three pages: results out, lists in, and who the client is at the national exchange. */

export const FILE_PARTS = ["out", "in", "ddas"] as const;
export type FilePart = (typeof FILE_PARTS)[number];

/** The end of the address, after the client's. */
export function filesPath(part: FilePart): string {
  return part === "out" ? "files" : `files-${part}`;
}

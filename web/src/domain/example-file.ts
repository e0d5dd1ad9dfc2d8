/** What an example file tells of its own form: by its name, and by how it begins. */

import type { ResultLayout } from "../api/types";

type FileForm = Pick<ResultLayout, "format" | "delimiter" | "encoding">;

const DELIMITERS = [";", ",", "\t", "|"] as const;
/** So much of the file is looked at. */
export const HEAD_BYTES = 64 * 1024;

export function formOfExample(name: string, head: Uint8Array): FileForm {
  if (name.toLowerCase().endsWith(".xlsx")) return { format: "xlsx", delimiter: ";", encoding: "utf-8-sig" };
  const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const encoding = marked ? "utf-8-sig" : isUtf8(head) ? "utf-8" : "cp1252";
  return { format: "csv", delimiter: delimiterOf(firstLine(new TextDecoder("windows-1252").decode(head))), encoding };
}

/** A letter that the end of the head cuts in two is no fault. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/).find((line) => line.trim() !== "") ?? "";

/** What stands most often between the headings; within quotes nothing counts. */
function delimiterOf(line: string): FileForm["delimiter"] {
  const bare = line.replace(/"[^"]*"/g, "");
  let best: FileForm["delimiter"] = ";";
  for (const one of DELIMITERS) if (bare.split(one).length > bare.split(best).length) best = one;
  return best;
}

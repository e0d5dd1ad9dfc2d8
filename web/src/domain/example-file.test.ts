import { describe, expect, it } from "vitest";
import { formOfExample } from "./example-file";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("an example file", () => {
  it("tells what stands between its columns, whatever stands within quotes", () => {
    expect(formOfExample("a.csv", utf8("zaak;wijk;bereikt\r\n1;2;3")).delimiter).toBe(";");
    expect(formOfExample("a.csv", utf8('"zaak; of niet; of wel",wijk\n')).delimiter).toBe(",");
    expect(formOfExample("a.txt", utf8("zaak\twijk\n")).delimiter).toBe("\t");
    expect(formOfExample("a.txt", utf8("\n\nzaak|wijk\n")).delimiter).toBe("|");
    expect(formOfExample("a.csv", utf8("zaak")).delimiter).toBe(";");
  });

  it("tells its letters: marked, plain, or those of Windows", () => {
    expect(formOfExample("a.csv", utf8("\ufeffzaak;ja")).encoding).toBe("utf-8-sig");
    expect(formOfExample("a.csv", utf8("zaak;één")).encoding).toBe("utf-8");
    expect(formOfExample("a.csv", Uint8Array.of(0x7a, 0x3b, 0xe9, 0x3b)).encoding).toBe("cp1252");
  });

  it("is not taken for Windows' because its head ends within a letter", () => {
    expect(formOfExample("a.csv", utf8("zaak;é").slice(0, -1)).encoding).toBe("utf-8");
  });

  it("is a workbook by its name", () => {
    expect(formOfExample("Voorbeeld.XLSX", Uint8Array.of(0x50, 0x4b)).format).toBe("xlsx");
  });
});

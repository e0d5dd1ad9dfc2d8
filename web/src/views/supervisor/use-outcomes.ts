import { useEffect } from "react";
import type { CatalogueOutcome } from "../../api/types";
import { Query } from "../../state/query";
import { sentence } from "../../domain/text";
import { useApp, useWords } from "../../ui/app-context";
import type { Option } from "../../ui/fields";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

export interface Outcomes {
  /** The words for an outcome's code: from the catalogue, else the code. */
  readonly label: (code: string) => string;
  readonly all: readonly Option[];
  /** What an agent may file. */
  readonly choices: readonly Option[];
}

export function useCatalogue(): Outcomes {
  const { client } = useApp();
  const { language } = useWords();
  const query = useModel(() => new Query<readonly CatalogueOutcome[]>(async () => (await client.get("/outcomes")).items));
  const { data } = useStore(query);
  useEffect(() => void query.reload(), [query]);
  const words = (found: CatalogueOutcome): string => sentence(language === "nl" ? found.label_nl : found.label_en);
  return {
    label: (code) => {
      const found = data?.find((item) => item.code === code);
      return found === undefined ? code : words(found);
    },
    all: (data ?? []).map((item) => ({ id: item.code, label: words(item) })),
    choices: (data ?? []).filter((item) => item.set_by !== "machine").map((item) => ({ id: item.code, label: words(item) })),
  };
}

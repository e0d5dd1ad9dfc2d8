import { useEffect } from "react";
import type { CatalogueOutcome } from "../../api/types";
import { Query } from "../../state/query";
import { sentence } from "../../domain/text";
import { useApp, useWords } from "../../ui/app-context";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** The words for an outcome's code: from the catalogue, else the code. */
export function useOutcomes(): (code: string) => string {
  const { client } = useApp();
  const { language } = useWords();
  const query = useModel(() => new Query<readonly CatalogueOutcome[]>(async () => (await client.get("/outcomes")).items));
  const { data } = useStore(query);
  useEffect(() => void query.reload(), [query]);
  return (code) => {
    const found = data?.find((item) => item.code === code);
    if (found === undefined) return code;
    return sentence(language === "nl" ? found.label_nl : found.label_en);
  };
}

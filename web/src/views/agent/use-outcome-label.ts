import type { Desk } from "../../state/desk";
import { sentence } from "../../domain/text";
import { useWords } from "../../ui/app-context";
import { useStore } from "../../ui/use-store";

/** The words for an outcome's code: from the catalogue, else the code. */
export function useOutcomeLabel(desk: Desk): (code: string) => string {
  const { data } = useStore(desk.catalogue);
  const { language } = useWords();
  return (code) => {
    const found = data?.find((item) => item.code === code);
    if (found === undefined) return code;
    return sentence(language === "nl" ? found.label_nl : found.label_en);
  };
}

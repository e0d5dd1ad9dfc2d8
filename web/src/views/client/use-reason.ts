import { useWords } from "../../ui/app-context";
import { useCatalogue } from "../supervisor/use-outcomes";

/** Words for why a case is on a list: of our own codes, else of the outcome. */
export function useReason(): (code: string) => string {
  const { code: words } = useWords();
  const { label } = useCatalogue();
  return (code) => {
    const own = words("follow.reason", code);
    return own === code ? label(code) : own;
  };
}

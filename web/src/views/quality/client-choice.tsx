import type { ReactElement } from "react";
import type { CalibrationModel, ScorecardModel } from "../../state/quality";
import { useWords } from "../../ui/app-context";
import { SelectInput } from "../../ui/fields";
import { ErrorNotice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** Whose; nothing to choose where there is one. */
export function ClientChoice({ model }: { readonly model: CalibrationModel | ScorecardModel }): ReactElement | null {
  const { t } = useWords();
  const { data, error } = useStore(model.clients);
  const chosen = useStore(model.chosen);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void model.open()} />;
  if (data === null || data.length < 2) return null;
  return <SelectInput label={t("scripts.client")} value={chosen} onChange={(id) => void model.choose(id)} options={data.map(({ id, name }) => ({ id, label: name }))} />;
}

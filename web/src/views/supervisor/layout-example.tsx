import type { ReactElement } from "react";
import type { LayoutsModel } from "../../state/layouts";
import { useWords } from "../../ui/app-context";
import { FileDrop } from "../../ui/file-drop";
import { useStore } from "../../ui/use-store";

/** A file as the client has it now, dragged here or chosen: its headings are read, nothing of it is kept. */
export function Example({ model }: { readonly model: LayoutsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  return <FileDrop label={t("layouts.example")} hint={busy ? t("app.loading") : t("mapping.learn.hint")} isDisabled={busy} onFile={(file) => void model.learn(file)} />;
}

import type { ReactElement } from "react";
import { DropZone, FileTrigger, Text } from "react-aria-components";
import type { LayoutsModel } from "../../state/layouts";
import { useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** A file as the client has it now, dragged here or chosen: its headings are read, nothing of it is kept. */
export function Example({ model }: { readonly model: LayoutsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const take = (file: File | undefined): void => {
    if (file !== undefined) void model.learn(file);
  };
  return (
    <DropZone
      className="drop"
      isDisabled={busy}
      onDrop={(event) => {
        const item = event.items.find((candidate) => candidate.kind === "file");
        if (item?.kind === "file") void item.getFile().then(take);
      }}
    >
      <Icon name="file" />
      <Text slot="label">{t("layouts.example")}</Text>
      <FileTrigger acceptedFileTypes={[".csv", ".txt", ".xlsx"]} onSelect={(files) => take(files?.[0])}>
        <Button size="small" isDisabled={busy}>
          {t("deliveries.file.choose")}
        </Button>
      </FileTrigger>
      <span className="muted">{busy ? t("app.loading") : t("mapping.learn.hint")}</span>
    </DropZone>
  );
}

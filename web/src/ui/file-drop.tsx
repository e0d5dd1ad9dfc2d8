/** Where a list is dragged, or chosen from the computer. The file goes to whoever asked for it and is kept nowhere. */

import type { ReactElement } from "react";
import { DropZone, FileTrigger, Text } from "react-aria-components";
import { useWords } from "./app-context";
import { Icon } from "./icon";
import { Button } from "./parts";

interface Props {
  /** What it is for, or the name of the file that was taken. */
  readonly label: string;
  readonly hint: string;
  readonly isDisabled?: boolean;
  readonly onFile: (file: File) => void;
}

export function FileDrop({ label, hint, isDisabled = false, onFile }: Props): ReactElement {
  const { t } = useWords();
  return (
    <DropZone
      className="drop"
      isDisabled={isDisabled}
      onDrop={(event) => {
        const item = event.items.find((candidate) => candidate.kind === "file");
        if (item?.kind === "file") void item.getFile().then(onFile);
      }}
    >
      <Icon name="file" />
      <Text slot="label">{label}</Text>
      <FileTrigger acceptedFileTypes={[".csv", ".json", ".txt", ".xlsx"]} onSelect={(files) => files?.[0] !== undefined && onFile(files[0])}>
        <Button size="small" isDisabled={isDisabled}>
          {t("deliveries.file.choose")}
        </Button>
      </FileTrigger>
      <span className="muted">{hint}</span>
    </DropZone>
  );
}

import { type ReactElement, useEffect, useState } from "react";
import type { DeleteReason, PlayPurpose } from "../../api/types";
import { Playback, PURPOSES, REASONS } from "../../state/playback";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { SelectInput } from "../../ui/fields";
import { Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Hears one conversation again: first why, then the sound, which stays in this page alone. */
export function RecordingPlayer({ attempt, about }: { readonly attempt: string; readonly about: string }): ReactElement | null {
  const { client } = useApp();
  const { t } = useWords();
  const [purpose, setPurpose] = useState<PlayPurpose>("quality");
  const model = useModel(() => new Playback(client, attempt));
  const { busy, error } = useStore(model.fetching);
  const sound = useStore(model.sound);
  const deleted = useStore(model.deleted);
  const may = useMay("recording.play");
  const mayDelete = useMay("recording.delete");
  useEffect(() => () => model.close(), [model]);
  if (!may) return null;
  if (deleted)
    return (
      <Panel title={t("recording.play.title")}>
        <Notice live="polite">{t("recording.deleted")}</Notice>
      </Panel>
    );
  return (
    <Panel title={t("recording.play.title")}>
      <div className="stack">
        <p className="muted">{about}</p>
        <ErrorNotice error={error} />
        {sound === "" ? (
          <>
            <SelectInput
              label={t("recording.play.why")}
              hint={t("recording.play.hint")}
              value={purpose}
              onChange={(chosen) => setPurpose(chosen as PlayPurpose)}
              options={PURPOSES.map((id) => ({ id, label: t(`recording.purpose.${id}`) }))}
            />
            <div>
              <Button isDisabled={busy} onPress={() => void model.open(purpose)}>
                {t("recording.play")}
              </Button>
            </div>
          </>
        ) : (
          // eslint-disable-next-line jsx-a11y/media-has-caption -- nobody has written down what was said
          <audio controls autoPlay src={sound} aria-label={t("recording.play.title")} />
        )}
        {mayDelete && (
          <div>
            <Ask
              trigger={<Button>{t("recording.delete")}</Button>}
              title={t("recording.delete")}
              text={t("recording.delete.text")}
              confirm={t("recording.delete")}
              action={model.deleting}
              choice={{ label: t("recording.delete.why"), options: REASONS.map((id) => ({ id, label: t(`recording.reason.${id}`) })) }}
              onConfirm={(_, reason) => model.remove(reason as DeleteReason)}
            />
          </div>
        )}
      </div>
    </Panel>
  );
}

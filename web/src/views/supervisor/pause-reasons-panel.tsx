import { type ReactElement, useEffect, useState } from "react";
import type { PauseReason } from "../../api/types";
import { areMinutes, COUNTS_AS } from "../../domain/pauses";
import type { PauseForm, PausesModel } from "../../state/pauses";
import { useApp, useWords } from "../../ui/app-context";
import { DialogForm } from "../../ui/dialog-form";
import { ButtonDialog } from "../../ui/dialog-frame";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

const KEPT: ReadonlySet<string> = new Set(["other", "crisis"]);
const BLANK: PauseForm = { dutch: "", english: "", counts_as: "paid", minutes: "" };

/** Why agents pause: in what order they see it, what it counts as, how long it may last. */
export function PauseReasonsPanel(): ReactElement {
  const { pauses: model } = useApp();
  const { t } = useWords();
  const { data, error } = useStore(model.list);
  const { busy, error: failed } = useStore(model.acting);
  const [old, showOld] = useState(false);
  useEffect(() => void model.list.reload(), [model]);
  const shown = (data ?? []).filter(({ archived }) => !archived);
  const gone = (data ?? []).filter(({ archived }) => archived);
  return (
    <Panel title={t("pauses.title")}>
      <p className="muted">{t("pauses.intro")}</p>
      <ErrorNotice error={error ?? failed} />
      {shown.length > 0 && (
        <DataTable
          label={t("pauses.title")}
          rows={old ? [...shown, ...gone] : shown}
          id={({ id }) => id}
          columns={[
            {
              head: t("pauses.dutch"),
              cell: (reason) => (
                <>
                  <strong>{reason.dutch}</strong>
                  <div className="muted">{reason.english}</div>
                </>
              ),
            },
            { head: t("pauses.counts"), cell: (reason) => t(`pauses.counts.${reason.counts_as}`) },
            { head: t("pauses.most"), cell: ({ most_minutes: most }) => (most === null ? t("app.none") : t("pauses.minutes", { count: most })) },
            {
              head: t("pauses.use"),
              cell: (reason) => (reason.archived ? <Badge>{t("pauses.archived")}</Badge> : reason.offered ? <Badge tone="good">{t("pauses.offered")}</Badge> : <Badge>{t("pauses.byService")}</Badge>),
            },
            { head: t("floor.action"), cell: (reason) => <Actions model={model} reason={reason} busy={busy} shown={shown} /> },
          ]}
        />
      )}
      <div className="row">
        <ReasonDialog label={t("pauses.make")} title={t("pauses.make")} before={BLANK} onKeep={(form) => model.add(form)} model={model} />
        {gone.length > 0 && (
          <Button look="quiet" onPress={() => showOld(!old)} aria-expanded={old}>
            {t(old ? "pauses.hideOld" : "pauses.showOld", { count: gone.length })}
          </Button>
        )}
      </div>
    </Panel>
  );
}

interface ActionsProps {
  readonly model: PausesModel;
  readonly reason: PauseReason;
  readonly busy: boolean;
  readonly shown: readonly PauseReason[];
}

function Actions({ model, reason, busy, shown }: ActionsProps): ReactElement {
  const { t } = useWords();
  const name = reason.dutch;
  if (reason.archived)
    return (
      <Button size="small" isDisabled={busy} aria-label={t("pauses.back.of", { name })} onPress={() => void model.archive(reason, false)}>
        {t("pauses.back")}
      </Button>
    );
  const before: PauseForm = { dutch: reason.dutch, english: reason.english, counts_as: reason.counts_as, minutes: reason.most_minutes === null ? "" : String(reason.most_minutes) };
  return (
    <span className="row row--tight row--nowrap">
      <Button size="small" look="quiet" isDisabled={busy || shown[0] === reason} aria-label={t("pauses.up.of", { name })} onPress={() => void model.move(reason, -1)}>
        ↑
      </Button>
      <Button size="small" look="quiet" isDisabled={busy || shown.at(-1) === reason} aria-label={t("pauses.down.of", { name })} onPress={() => void model.move(reason, 1)}>
        ↓
      </Button>
      <ReasonDialog label={t("pauses.change")} title={t("pauses.change.of", { name })} before={before} onKeep={(form) => model.change(reason, form)} model={model} small />
      {!KEPT.has(reason.code) && (
        <Button size="small" look="quiet" isDisabled={busy} aria-label={t("pauses.archive.of", { name })} onPress={() => void model.archive(reason, true)}>
          {t("pauses.archive")}
        </Button>
      )}
    </span>
  );
}

interface DialogProps {
  readonly label: string;
  readonly title: string;
  readonly before: PauseForm;
  readonly model: PausesModel;
  readonly small?: boolean;
  readonly onKeep: (form: PauseForm) => Promise<boolean>;
}

function ReasonDialog({ label, title, before, model, small = false, onKeep }: DialogProps): ReactElement {
  return (
    <ButtonDialog title={title} label={label} isFirst={!small}>
      {(close) => (
        <ReasonForm before={before} model={model} onKeep={onKeep} close={close} />
      )}
    </ButtonDialog>
  );
}

function ReasonForm({ before, model, onKeep, close }: Pick<DialogProps, "before" | "model" | "onKeep"> & { readonly close: () => void }): ReactElement {
  const { t } = useWords();
  const { error } = useStore(model.acting);
  const [form, setForm] = useState(before);
  const edit = (change: Partial<PauseForm>): void => setForm({ ...form, ...change });
  const good = areMinutes(form.minutes);
  const ready = form.dutch.trim() !== "" && form.english.trim() !== "" && good;
  return (
    <DialogForm error={error} ready={ready} submit={t("users.edit.save")} onSubmit={() => onKeep(form)} close={close}>
      <TextInput label={t("pauses.dutch")} value={form.dutch} onChange={(dutch) => edit({ dutch })} maxLength={40} focusFirst />
      <TextInput label={t("pauses.english")} value={form.english} onChange={(english) => edit({ english })} maxLength={40} />
      <SelectInput
        label={t("pauses.counts")}
        hint={t("pauses.counts.hint")}
        value={form.counts_as}
        onChange={(value) => edit({ counts_as: value as PauseForm["counts_as"] })}
        options={COUNTS_AS.map((id) => ({ id, label: t(`pauses.counts.${id}`) }))}
      />
      <TextInput label={t("pauses.most")} hint={t("pauses.most.hint")} value={form.minutes} onChange={(minutes) => edit({ minutes })} maxLength={3} size="short" error={good ? undefined : t("pauses.most.wrong")} />
    </DialogForm>
  );
}

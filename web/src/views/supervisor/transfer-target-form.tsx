import { type ReactElement, useState } from "react";
import type { TransferTarget } from "../../api/types";
import { isHours, parseHours, showHours, type Stretch } from "../../domain/hours";
import type { TargetWish, TransferTargetsModel } from "../../state/transfer-targets";
import { useWords } from "../../ui/app-context";
import { ButtonDialog } from "../../ui/dialog-frame";
import { LongTextInput, SelectInput, TextInput } from "../../ui/fields";
import { Button, ErrorNotice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { OFFICE, WeekFields } from "./week-fields";

const KINDS: readonly TransferTarget["kind"][] = ["desk", "team", "interpreter", "crisis"];

/** Everything of a target, in a dialog. */
export function EditTarget({ model, target }: { readonly model: TransferTargetsModel; readonly target: TransferTarget }): ReactElement {
  const { t } = useWords();
  return (
    <ButtonDialog title={t("targets.edit.of", { name: target.name })} label={t("targets.edit")}>
      {(close) => (
        <TargetForm
          model={model}
          target={target}
          submit={t("app.save")}
          onWish={async (wish) => {
            const done = await model.change(target, wish);
            if (done) close();
            return done;
          }}
        />
      )}
    </ButtonDialog>
  );
}

interface FormProps {
  readonly model: TransferTargetsModel;
  readonly target?: TransferTarget;
  readonly submit: string;
  /** True when done. */
  readonly onWish: (wish: TargetWish) => Promise<boolean>;
}

export function TargetForm({ model, target, submit, onWish }: FormProps): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const [kind, setKind] = useState<TransferTarget["kind"]>(target?.kind ?? "desk");
  const [name, setName] = useState(target?.name ?? "");
  const [number, setNumber] = useState(target?.number ?? "");
  const [week, setWeek] = useState<readonly string[]>(target === undefined ? OFFICE : target.hours.map(showHours));
  const [languages, setLanguages] = useState(target?.languages.join(", ") ?? "");
  const [protocol, setProtocol] = useState(target?.protocol ?? "");
  const hours = week.map(parseHours);
  const right = hours.filter(isHours);
  const ready = name.trim() !== "" && number.trim().length >= 8 && right.length === hours.length;
  const wish = (stretches: readonly (readonly Stretch[])[]): TargetWish => ({ kind, name, number, hours: stretches, languages, protocol });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void onWish(wish(right)).then((done) => {
          if (done && target === undefined) for (const set of [setName, setNumber, setLanguages, setProtocol]) set("");
        });
      }}
    >
      {target !== undefined && <ErrorNotice error={error} />}
      <div className="columns">
        <SelectInput label={t("targets.kind")} value={kind} onChange={(value) => setKind(value as TransferTarget["kind"])} options={KINDS.map((id) => ({ id, label: t(`transfer.kind.${id}`) }))} />
        <TextInput label={t("targets.name")} value={name} onChange={setName} maxLength={60} />
        <TextInput label={t("targets.number")} hint={t("targets.number.hint")} value={number} onChange={setNumber} maxLength={20} type="tel" />
        {kind === "interpreter" && <TextInput label={t("targets.languages")} hint={t("targets.languages.hint")} value={languages} onChange={setLanguages} maxLength={60} />}
      </div>
      <WeekFields week={week} onWeek={setWeek} hint={t(kind === "crisis" ? "targets.hours.always" : "targets.hours.holidays")} />
      {kind === "crisis" && <LongTextInput label={t("targets.protocol")} hint={t("targets.protocol.hint")} value={protocol} onChange={setProtocol} rows={5} maxLength={2000} />}
      <div className="row">
        <Button type="submit" look="primary" isDisabled={busy || !ready}>
          {submit}
        </Button>
      </div>
    </form>
  );
}

import { type ReactElement, useEffect, useState } from "react";
import type { Improvement } from "../../api/types";
import { day } from "../../domain/dates";
import { looksLikeBsn } from "../../domain/text";
import { ImprovementsModel } from "../../state/improvements";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { CheckChoice } from "../../ui/choices";
import { DateInput, LongTextInput, SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { QualityTabs } from "./tabs";

export function ImprovementsPage(): ReactElement {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t("quality.title")} />
      <div className="stack stack--wide">
        <QualityTabs part="improvements" />
        <Improvements />
      </div>
    </>
  );
}

/** Proposals, and a new one. Who manages quality takes them further. */
export function Improvements(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const manages = useMay("quality.manage");
  const model = useModel(() => new ImprovementsModel(client));
  const { data, error } = useStore(model.list);
  const acting = useStore(model.acting);
  const open = useStore(model.open);
  useEffect(() => {
    void model.list.reload();
    if (manages) void model.users.reload();
  }, [model, manages]);
  return (
    <Panel title={t("improve.title")}>
      <p className="muted">{t("improve.intro")}</p>
      <Propose model={model} />
      <ErrorNotice error={error ?? acting.error} onRetry={() => void model.list.reload()} />
      <div className="row">
        <CheckChoice selected={!open} onChange={(done) => model.show(!done)}>
          {t("improve.done")}
        </CheckChoice>
      </div>
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t(open ? "improve.none" : "improve.none.done")}</Empty>}
      <ul className="lines">
        {data?.map((one) => (
          <li key={`${one.id} ${String(one.version)}`} className="line line--block">
            <Line one={one} />
            {manages && one.state !== "closed" && <Further model={model} one={one} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Propose({ model }: { readonly model: ImprovementsModel }): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [text, setText] = useState("");
  const bsn = looksLikeBsn(text);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "" && !bsn) void model.propose(text).then((kept) => kept && setText(""));
      }}
    >
      <LongTextInput label={t("improve.new")} hint={t("improve.new.hint")} value={text} onChange={setText} error={bsn ? t("wrap.note.bsn") : undefined} rows={2} maxLength={1000} />
      <div className="row row--end">
        <Button type="submit" look="primary" isDisabled={busy || text.trim() === "" || bsn}>
          {t("improve.propose")}
        </Button>
      </div>
    </form>
  );
}

function Line({ one }: { readonly one: Improvement }): ReactElement {
  const { t, locale } = useWords();
  const due = one.due_on === null ? "" : t("improve.due", { day: day(one.due_on, locale) });
  return (
    <>
      <span className="row row--tight">
        <Badge tone={one.state === "closed" ? "good" : "accent"}>{t(`improve.state.${one.state}`)}</Badge>
        <strong>{one.text}</strong>
      </span>
      <span className="muted">{[t("improve.by", { name: one.raised_by }), one.owner_name === "" ? "" : t("improve.owner.is", { name: one.owner_name }), due].filter((part) => part !== "").join(" · ")}</span>
      {one.answer !== "" && <span>{t("improve.answer.is", { answer: one.answer })}</span>}
    </>
  );
}

/** Owner, day, the next step, and the answer that closes it. */
function Further({ model, one }: { readonly model: ImprovementsModel; readonly one: Improvement }): ReactElement {
  const { t } = useWords();
  const { data: users } = useStore(model.users);
  const { busy } = useStore(model.acting);
  const [due, setDue] = useState(one.due_on ?? "");
  const ready = one.owner !== null && one.due_on !== null;
  return (
    <div className="row">
      <SelectInput label={t("improve.owner")} value={one.owner ?? ""} onChange={(owner) => void model.move(one, { owner })} options={(users ?? []).map(({ id, display_name: name }) => ({ id, label: name }))} disabled={busy} />
      <DateInput label={t("improve.day")} value={due} onChange={setDue} />
      <Button size="small" isDisabled={busy || due === "" || due === one.due_on} onPress={() => void model.move(one, { due_on: due })}>
        {t("improve.day.keep")}
      </Button>
      {one.state !== "act" && (
        <Button size="small" look="primary" isDisabled={busy || !ready} onPress={() => void model.move(one, { step: "next" })}>
          {t(`improve.next.${one.state === "plan" ? "do" : one.state === "do" ? "check" : "act"}`)}
        </Button>
      )}
      {one.state !== "plan" && (
        <Button size="small" isDisabled={busy} onPress={() => void model.move(one, { step: "again" })}>
          {t("improve.again")}
        </Button>
      )}
      <Ask
        trigger={<Button size="small">{t("improve.close")}</Button>}
        title={t("improve.close")}
        text={t("improve.close.text")}
        confirm={t("improve.close")}
        look="primary"
        action={model.acting}
        field={{ label: t("improve.answer"), hint: t("app.reason.hint"), min: 3, maxLength: 1000 }}
        onConfirm={(answer) => model.move(one, { step: "close", answer: answer.trim() })}
      />
    </div>
  );
}

import { type ReactElement, useState } from "react";
import type { PrivacyRequest } from "../../api/types";
import { correctionOf, NOTHING_TYPED } from "../../domain/privacy";
import type { PrivacyRequestsModel } from "../../state/privacy";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { DateInput, TextInput } from "../../ui/fields";
import { Button } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useStore } from "../../ui/use-store";

interface Props {
  readonly model: PrivacyRequestsModel;
  readonly request: PrivacyRequest;
}

/** What can be done with a request that waits. */
export function RequestActions({ model, request }: Props): ReactElement {
  const { t } = useWords();
  const { kind } = request;
  return (
    <div className="stack">
      {kind === "file" && <HandOver model={model} request={request} />}
      {kind === "correct" && <Correct model={model} request={request} />}
      {kind === "erase" && <Erase model={model} request={request} />}
      {(kind === "restrict" || kind === "object") && (
        <Ask
          trigger={<Button size="small">{t(`privacy.do.${kind}`)}</Button>}
          title={t(`privacy.kind.${kind}`)}
          text={t(`privacy.do.${kind}.text`)}
          confirm={t(`privacy.do.${kind}`)}
          action={model.acting}
          onConfirm={() => model.carryOut(request)}
        />
      )}
      <div className="row">
        {request.state === "open" && <Reasoned model={model} request={request} step="extend" />}
        <Reasoned model={model} request={request} step="refuse" />
      </div>
    </div>
  );
}

function Reasoned({ model, request, step }: Props & { readonly step: "extend" | "refuse" }): ReactElement {
  const { t } = useWords();
  return (
    <Ask
      trigger={
        <Button size="small" look="quiet">
          {t(`privacy.${step}`)}
        </Button>
      }
      title={t(`privacy.${step}`)}
      text={t(`privacy.${step}.text`)}
      confirm={t(`privacy.${step}`)}
      look="primary"
      action={model.acting}
      field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3, maxLength: 500 }}
      onConfirm={(reason) => model.move(request, step, reason)}
    />
  );
}

function HandOver({ model, request }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const save = (): void => {
    void model.file(request).then((blob) => {
      if (blob !== null) saveFile(blob, "inzage.json");
    });
  };
  return (
    <div className="row">
      <Button size="small" icon="file" isDisabled={busy} onPress={save}>
        {t("privacy.do.file")}
      </Button>
      <Ask
        trigger={<Button size="small">{t("privacy.do.handed")}</Button>}
        title={t("privacy.do.handed")}
        text={t("privacy.do.handed.text")}
        confirm={t("privacy.do.handed")}
        look="primary"
        action={model.acting}
        onConfirm={() => model.carryOut(request)}
      />
    </div>
  );
}

/** First what goes, then the question. */
function Erase({ model, request }: Props): ReactElement {
  const { t, code } = useWords();
  const { busy } = useStore(model.acting);
  const preview = useStore(model.preview);
  if (preview?.request !== request.id) {
    return (
      <div className="row">
        <Button size="small" isDisabled={busy} onPress={() => void model.look(request)}>
          {t("privacy.do.look")}
        </Button>
      </div>
    );
  }
  const rows = Object.entries(preview.rows);
  return (
    <div className="stack">
      <div>
        <strong>{t("privacy.goes")}</strong>
        {rows.length === 0 && <p>{t("privacy.goes.nothing")}</p>}
        <ul>
          {rows.map(([table, count]) => (
            <li key={table}>
              {code("privacy.row", table.replace(".", "_"))}: {count}
            </li>
          ))}
        </ul>
        <p className="muted">{t("privacy.stays")}</p>
      </div>
      <Ask
        trigger={
          <Button size="small" look="danger">
            {t("privacy.do.erase")}
          </Button>
        }
        title={t("privacy.kind.erase")}
        text={t("privacy.do.erase.text")}
        confirm={t("privacy.do.erase")}
        action={model.acting}
        field={{ label: t("privacy.sure"), hint: t("privacy.sure.hint"), min: 1, check: (value) => (["", t("privacy.sure.word")].includes(value.trim().toUpperCase()) ? undefined : t("privacy.sure.hint")) }}
        onConfirm={() => model.carryOut(request)}
      />
    </div>
  );
}

/** What is left empty stays. */
function Correct({ model, request }: Props): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(NOTHING_TYPED);
  const said = correctionOf(typed);
  if (!open) {
    return (
      <div className="row">
        <Button size="small" onPress={() => setOpen(true)}>
          {t("privacy.do.correct")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (said !== null) void model.carryOut(request, said);
      }}
    >
      <p className="muted">{t("privacy.correct.note")}</p>
      <TextInput label={t("privacy.surname")} value={typed.surname} onChange={(surname) => setTyped({ ...typed, surname })} focusFirst maxLength={120} />
      <TextInput label={t("privacy.initials")} value={typed.initials} onChange={(initials) => setTyped({ ...typed, initials })} size="short" />
      <DateInput label={t("privacy.born")} value={typed.birthDate} onChange={(birthDate) => setTyped({ ...typed, birthDate })} />
      <div className="row row--fields">
        <TextInput label={t("privacy.postcode")} value={typed.postcode} onChange={(postcode) => setTyped({ ...typed, postcode })} size="short" maxLength={7} />
        <TextInput label={t("privacy.houseNumber")} value={typed.houseNumber} onChange={(houseNumber) => setTyped({ ...typed, houseNumber })} size="short" maxLength={5} />
        <TextInput label={t("privacy.houseAddition")} value={typed.houseAddition} onChange={(houseAddition) => setTyped({ ...typed, houseAddition })} size="short" maxLength={20} />
      </div>
      <div className="row row--end">
        <Button size="small" look="quiet" onPress={() => setOpen(false)}>
          {t("app.cancel")}
        </Button>
        <Button size="small" type="submit" look="primary" isDisabled={busy || said === null}>
          {t("privacy.do.correct")}
        </Button>
      </div>
    </form>
  );
}

import { type ReactElement, useEffect, useState } from "react";
import type { FoundResident, PrivacyRequest, PrivacyRequestKind } from "../../api/types";
import { day, isoDay } from "../../domain/dates";
import { isLate, waits } from "../../domain/privacy";
import { looksLikeBsn } from "../../domain/text";
import { PrivacyRequestsModel } from "../../state/privacy";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { DateInput, SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { RequestActions } from "./request-actions";
import { PrivacyTabs } from "./tabs";

const KINDS: readonly PrivacyRequestKind[] = ["file", "correct", "erase", "restrict", "object"];

/** One resident at a time is looked up, for what that resident asks; and what was asked before. */
export function RequestsPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new PrivacyRequestsModel(client));
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <PageHead title={t("nav.privacy")} />
      <div className="stack stack--wide">
        <PrivacyTabs part="requests" />
        <Find model={model} />
        <Requests model={model} />
      </div>
    </>
  );
}

function Find({ model }: { readonly model: PrivacyRequestsModel }): ReactElement {
  const { t } = useWords();
  const { data: clients, error } = useStore(model.of.clients);
  const chosen = useStore(model.of.chosen);
  const found = useStore(model.found);
  const { busy, error: failed } = useStore(model.finding);
  const [reference, setReference] = useState("");
  const [purpose, setPurpose] = useState("");
  const bsn = looksLikeBsn(purpose);
  const ready = chosen !== "" && reference.trim() !== "" && purpose.trim() !== "" && !bsn;
  return (
    <Panel title={t("privacy.find")}>
      <p className="muted">{t("privacy.find.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void model.find(reference, purpose);
        }}
      >
        <div className="columns">
          <SelectInput label={t("privacy.client")} value={chosen} onChange={(id) => model.of.chosen.set(id)} options={(clients ?? []).map(({ id, name }) => ({ id, label: name }))} />
          <TextInput label={t("privacy.reference")} value={reference} onChange={setReference} />
        </div>
        <TextInput label={t("privacy.purpose")} hint={t("app.reason.hint")} value={purpose} onChange={setPurpose} maxLength={500} error={bsn ? t("wrap.note.bsn") : undefined} />
        <div className="row row--end">
          <Button type="submit" look="primary" isDisabled={busy || !ready}>
            {t("privacy.find.do")}
          </Button>
        </div>
      </form>
      <ErrorNotice error={failed} />
      {found?.length === 0 && <Empty>{t("privacy.find.none")}</Empty>}
      {found?.map((one) => (
        <Found key={one.id} model={model} resident={one} purpose={purpose} />
      ))}
    </Panel>
  );
}

interface FoundProps {
  readonly model: PrivacyRequestsModel;
  readonly resident: FoundResident;
  readonly purpose: string;
}

function Found({ model, resident, purpose }: FoundProps): ReactElement {
  const { client } = useApp();
  const { t, locale, code } = useWords();
  const { busy } = useStore(model.acting);
  const [kind, setKind] = useState<string>("");
  const [on, setOn] = useState("");
  const late = on > isoDay(new Date(client.now() * 1000));
  return (
    <section className="stack box" aria-label={t("privacy.found")}>
      <Facts>
        <Fact name={t("privacy.name")}>{resident.name === "" ? t("privacy.erased") : resident.name}</Fact>
        {resident.birth_date !== "" && <Fact name={t("privacy.born")}>{day(resident.birth_date, locale)}</Fact>}
        {resident.address !== "" && <Fact name={t("privacy.address")}>{resident.address}</Fact>}
        <Fact name={t("privacy.openCases")}>{resident.open_cases}</Fact>
        {resident.objected && <Fact name={t("privacy.objected")}>{t("privacy.objected.yes")}</Fact>}
        <Fact name={t("privacy.held")}>
          {Object.entries(resident.held)
            .map(([section, count]) => `${code("privacy.section", section)}: ${count}`)
            .join(", ")}
        </Fact>
      </Facts>
      <div className="row row--fields">
        <SelectInput label={t("privacy.asks")} value={kind} onChange={setKind} placeholder={t("privacy.asks.choose")} options={KINDS.map((id) => ({ id, label: t(`privacy.kind.${id}`) }))} />
        <DateInput label={t("privacy.receivedOn")} value={on} onChange={setOn} error={late ? t("privacy.receivedOn.late") : undefined} />
        <Button
          look="primary"
          isDisabled={busy || kind === "" || on === "" || late || purpose.trim() === ""}
          onPress={() => void model.open(resident.id, kind as PrivacyRequestKind, on, purpose)}
        >
          {t("privacy.write")}
        </Button>
      </div>
    </section>
  );
}

function Requests({ model }: { readonly model: PrivacyRequestsModel }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const { data, error } = useStore(model.requests);
  const { error: failed } = useStore(model.acting);
  const today = isoDay(new Date(client.now() * 1000));
  return (
    <Panel title={t("privacy.requests")}>
      <ErrorNotice error={error} onRetry={() => void model.requests.reload()} />
      <ErrorNotice error={failed} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t("privacy.requests.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<PrivacyRequest>
          label={t("privacy.requests")}
          rows={data}
          id={({ id }) => id}
          columns={[
            {
              head: t("privacy.asks"),
              cell: ({ kind, client_name: name, reason }) => (
                <>
                  <strong>{t(`privacy.kind.${kind}`)}</strong>
                  <div className="muted">
                    {name}: {reason}
                  </div>
                </>
              ),
            },
            { head: t("privacy.receivedOn"), cell: ({ received_on: on }) => day(on, locale) },
            {
              head: t("privacy.due"),
              cell: (one) => (
                <span className="row row--tight">
                  {day(one.due_on, locale)}
                  {isLate(one, today) && <Badge tone="bad">{t("privacy.late")}</Badge>}
                </span>
              ),
            },
            {
              head: t("cases.state"),
              cell: (one) => (
                <>
                  {t(`privacy.state.${one.state}`)}
                  {one.settled_at !== null && <div className="muted">{t("privacy.settled", { by: one.settled_by, on: day(one.settled_at, locale) })}</div>}
                  {one.answer !== "" && <div className="muted">{one.answer}</div>}
                </>
              ),
            },
            { head: t("privacy.do"), cell: (one) => (waits(one) ? <RequestActions model={model} request={one} /> : null) },
          ]}
        />
      )}
    </Panel>
  );
}

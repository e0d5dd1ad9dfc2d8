import { type ReactElement, useEffect, useState } from "react";
import type { Incident } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { NEW_LEAK, typedOf } from "../../domain/leaks";
import { LeaksModel } from "../../state/leaks";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { SelectInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Fact, Facts, PageHead, Panel } from "../../ui/parts";
import { saveFile } from "../../ui/save-file";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { LeakForm } from "./leak-form";
import { PrivacyTabs } from "./tabs";

/** Data leaks: what is known, until when the client can report, the notice, and what was learned. */
export function LeaksPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new LeaksModel(client));
  const { data, error } = useStore(model.list);
  const { busy, error: failed } = useStore(model.acting);
  useEffect(() => void model.load(), [model]);
  const save = (): void => {
    void model.file().then((blob) => {
      if (blob !== null) saveFile(blob, "datalekken.csv");
    });
  };
  return (
    <>
      <PageHead title={t("nav.privacy")}>
        <Button size="small" icon="file" isDisabled={busy} onPress={save}>
          {t("leaks.file")}
        </Button>
      </PageHead>
      <div className="stack stack--wide">
        <PrivacyTabs part="leaks" />
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        <ErrorNotice error={failed} />
        <NewLeak model={model} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data?.length === 0 && <Empty>{t("leaks.none")}</Empty>}
        {data?.map((leak) => (
          <Leak key={leak.id} model={model} leak={leak} />
        ))}
      </div>
    </>
  );
}

function NewLeak({ model }: { readonly model: LeaksModel }): ReactElement {
  const { t } = useWords();
  const { data: clients } = useStore(model.clients);
  const { busy } = useStore(model.acting);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState("");
  const client = chosen === "" ? (clients?.[0]?.id ?? "") : chosen;
  return (
    <Panel title={t("leaks.new")}>
      <p className="muted">{t("leaks.note")}</p>
      {!open && (
        <div>
          <Button look="primary" isDisabled={client === ""} onPress={() => setOpen(true)}>
            {t("leaks.new")}
          </Button>
        </div>
      )}
      {open && (
        <>
          <SelectInput label={t("privacy.client")} value={client} onChange={setChosen} options={(clients ?? []).map(({ id, name }) => ({ id, label: name }))} />
          <LeakForm start={NEW_LEAK} busy={busy} confirm={t("leaks.report")} onKnown={(known) => model.report(client, known)} onDone={() => setOpen(false)} />
        </>
      )}
    </Panel>
  );
}

interface LeakProps {
  readonly model: LeaksModel;
  readonly leak: Incident;
}

function Leak({ model, leak }: LeakProps): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const { busy } = useStore(model.acting);
  const [editing, setEditing] = useState(false);
  const { known } = leak;
  const title = `${leak.client_name}: ${t(`leaks.kind.${known.kind}`)}`;
  const over = leak.state === "open" && Date.parse(leak.report_by) < client.now() * 1000;
  return (
    <Panel title={title} aside={<Badge tone={leak.state === "open" ? "bad" : leak.state === "told" ? "warn" : "good"}>{t(`leaks.state.${leak.state}`)}</Badge>}>
      {editing ? (
        <LeakForm start={typedOf(known)} busy={busy} confirm={t("leaks.save")} onKnown={(now) => model.learn(leak, now)} onDone={() => setEditing(false)} />
      ) : (
        <>
          <Facts>
            <Fact name={t("leaks.discovered")}>{dateTime(known.discovered_at, locale)}</Fact>
            <Fact name={t("leaks.reportBy")}>
              {dateTime(leak.report_by, locale)} {over && <Badge tone="bad">{t("leaks.over")}</Badge>}
            </Fact>
            <Fact name={t("leaks.data")}>{known.data.map((one) => t(`leaks.data.${one}`)).join(", ")}</Fact>
            <Fact name={t("leaks.residents")}>{known.residents ?? t("leaks.unknown")}</Fact>
            <Fact name={t("leaks.what")}>{known.what}</Fact>
            {known.consequences !== "" && <Fact name={t("leaks.consequences")}>{known.consequences}</Fact>}
            {known.measures !== "" && <Fact name={t("leaks.measures")}>{known.measures}</Fact>}
            {leak.told_at !== null && <Fact name={t("leaks.state.told")}>{dateTime(leak.told_at, locale)}</Fact>}
            {leak.closed_at !== null && <Fact name={t("leaks.state.closed")}>{day(leak.closed_at, locale)}</Fact>}
            {leak.lesson !== "" && <Fact name={t("leaks.lesson")}>{leak.lesson}</Fact>}
          </Facts>
          <Draft model={model} leak={leak} />
          <div className="row">
            {leak.state !== "closed" && (
              <>
                <Button size="small" onPress={() => setEditing(true)}>
                  {t("leaks.change")}
                </Button>
                <Ask trigger={<Button size="small">{t("leaks.tell")}</Button>} title={t("leaks.tell")} text={t("leaks.tell.text")} confirm={t("leaks.tell")} look="primary" action={model.acting} onConfirm={() => model.move(leak, "tell")} />
              </>
            )}
            {leak.state === "told" && (
              <Ask
                trigger={<Button size="small">{t("leaks.close")}</Button>}
                title={t("leaks.close")}
                text={t("leaks.close.text")}
                confirm={t("leaks.close")}
                look="primary"
                action={model.acting}
                field={{ label: t("leaks.lesson"), hint: t("leaks.lesson.hint"), min: 3, maxLength: 2000 }}
                onConfirm={(lesson) => model.move(leak, "close", lesson)}
              />
            )}
            {leak.state === "closed" && (
              <Ask trigger={<Button size="small">{t("leaks.reopen")}</Button>} title={t("leaks.reopen")} text={t("leaks.reopen.text")} confirm={t("leaks.reopen")} look="primary" action={model.acting} onConfirm={() => model.move(leak, "reopen")} />
            )}
          </div>
        </>
      )}
    </Panel>
  );
}

function Draft({ model, leak }: LeakProps): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const notice = useStore(model.notice);
  const [copied, setCopied] = useState(false);
  if (notice?.leak !== leak.id) {
    return (
      <div>
        <Button size="small" isDisabled={busy} onPress={() => void model.draft(leak)}>
          {t("leaks.notice")}
        </Button>
      </div>
    );
  }
  return (
    <section className="stack" aria-label={t("leaks.notice")}>
      <p className="muted">{t("leaks.notice.note")}</p>
      <blockquote>
        {notice.text.split("\n").map((line, place) => (
          <div key={place}>{line === "" ? "\u00a0" : line}</div>
        ))}
      </blockquote>
      <div className="row">
        <Button size="small" onPress={() => void navigator.clipboard.writeText(notice.text).then(() => setCopied(true))}>
          {t("leaks.copy")}
        </Button>
        {copied && <span role="status">{t("leaks.copied")}</span>}
      </div>
    </section>
  );
}

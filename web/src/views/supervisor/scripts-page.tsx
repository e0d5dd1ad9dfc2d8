import { type ReactElement, useEffect, useState } from "react";
import type { ScriptLine } from "../../api/types";
import { ScriptsModel } from "../../state/script-editor";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Link, PageHead, Panel } from "../../ui/parts";
import { router } from "../../ui/router";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

export function ScriptsPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ScriptsModel(client));
  const { data, error } = useStore(model.list);
  const { data: clients } = useStore(model.clients);
  const mayWrite = useMay("script.write");
  const mayClients = useMay("client.read");
  useEffect(() => {
    void model.list.reload();
    if (mayClients) void model.clients.reload();
  }, [model, mayClients]);
  const name = (id: string): string => clients?.find((one) => one.id === id)?.name ?? "–";
  return (
    <>
      <PageHead title={t("scripts.title")} />
      <div className={mayWrite ? "page-grid" : "stack"}>
        <Panel>
          <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
          {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
          {data !== null && (
            <DataTable
              label={t("scripts.title")}
              // The shipped one is nobody's page but the supervisors': a client reads it at its campaign.
              rows={data.filter((line) => line.client !== null || mayWrite)}
              id={({ id }) => id}
              columns={[
                { head: t("scripts.name"), cell: (line) => <Link to={`/scripts/${line.id}`}>{line.name}</Link> },
                { head: t("scripts.client"), cell: (line) => (line.client === null ? t("scripts.shipped") : name(line.client)) },
                { head: t("scripts.state"), cell: (line) => <LineState line={line} mayWrite={mayWrite} /> },
              ]}
            />
          )}
        </Panel>
        {mayWrite && <NewScript model={model} />}
      </div>
    </>
  );
}

function LineState({ line, mayWrite }: { readonly line: ScriptLine; readonly mayWrite: boolean }): ReactElement {
  const { t } = useWords();
  return (
    <span className="row row--tight">
      {line.approved === null ? <Badge tone="warn">{t("scripts.none")}</Badge> : <Badge tone="good">{t("scripts.approved", { version: line.approved })}</Badge>}
      {line.waiting !== null && <Badge tone="accent">{t("scripts.waiting", { version: line.waiting })}</Badge>}
      {mayWrite && line.draft_differs && <Badge>{t("scripts.draft")}</Badge>}
    </span>
  );
}

function NewScript({ model }: { readonly model: ScriptsModel }): ReactElement {
  const { t } = useWords();
  const { data: clients } = useStore(model.clients);
  const { busy, error } = useStore(model.making);
  const [whose, setWhose] = useState("");
  const [name, setName] = useState("");
  return (
    <Panel title={t("scripts.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.make(whose, name).then((made) => made !== null && router.go(`/scripts/${made}`));
        }}
      >
        <p className="muted">{t("scripts.new.hint")}</p>
        <SelectInput label={t("scripts.client")} value={whose} onChange={setWhose} options={(clients ?? []).map((one) => ({ id: one.id, label: one.name }))} />
        <TextInput label={t("scripts.name")} value={name} onChange={setName} maxLength={60} />
        <ErrorNotice error={error} />
        <Button type="submit" look="primary" isDisabled={busy || whose === "" || name.trim() === ""}>
          {t("scripts.new.do")}
        </Button>
      </form>
    </Panel>
  );
}

import { type ReactElement, useEffect } from "react";
import { ClientsModel } from "../../state/clients";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Empty, ErrorNotice, Link, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

export function ClientsPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ClientsModel(client));
  const { data, error } = useStore(model.list);
  useEffect(() => void model.list.reload(), [model]);
  return (
    <>
      <PageHead title={t("clients.title")} />
      <Panel>
        <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data?.length === 0 && <Empty>{t("clients.none")}</Empty>}
        {data !== null && data.length > 0 && (
          <DataTable
            label={t("clients.title")}
            rows={data}
            id={({ id }) => id}
            columns={[
              { head: t("clients.name"), cell: ({ id, name }) => <Link to={`/clients/${id}`}>{name}</Link> },
              { head: t("clients.municipality"), cell: ({ municipality }) => municipality },
              { head: t("clients.neutral"), cell: ({ neutral_name }) => neutral_name },
              { head: t("clients.number"), cell: ({ inbound_number }) => inbound_number },
            ]}
          />
        )}
      </Panel>
    </>
  );
}

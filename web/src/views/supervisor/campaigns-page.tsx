import { type ReactElement, useEffect, useState } from "react";
import { day } from "../../domain/dates";
import { CampaignsModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { PagedTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Button, ErrorNotice, Link, PageHead, Panel } from "../../ui/parts";
import { router } from "../../ui/router";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { CampaignState } from "./campaign-state";

export function CampaignsPage(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new CampaignsModel(client));
  const pages = useStore(model.list);
  const clients = useStore(model.clients);
  const mayWrite = useMay("campaign.write");
  useEffect(() => {
    void model.list.reload();
    void model.clients.reload();
  }, [model]);
  const clientName = (id: string): string => clients.data?.find((item) => item.id === id)?.name ?? t("app.none");
  return (
    <>
      <PageHead title={t("campaigns.title")} />
      <div className={mayWrite ? "page-grid" : "stack"}>
        <Panel>
          <PagedTable
            label={t("campaigns.title")}
            pages={pages}
            none={t("campaigns.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(campaign) => campaign.id}
            columns={[
              { head: t("campaigns.name"), cell: (campaign) => <Link to={`/campaigns/${campaign.id}`}>{campaign.name}</Link> },
              { head: t("campaigns.client"), cell: (campaign) => clientName(campaign.client) },
              { head: t("campaigns.state"), cell: (campaign) => <CampaignState state={campaign.state} /> },
              { head: t("campaigns.created"), cell: (campaign) => day(campaign.created_at, locale) },
            ]}
          />
        </Panel>
        {mayWrite && <NewCampaign model={model} />}
      </div>
    </>
  );
}

function NewCampaign({ model }: { readonly model: CampaignsModel }): ReactElement {
  const { t } = useWords();
  const { data } = useStore(model.clients);
  const { busy, error } = useStore(model.creating);
  const mayRun = useMay("campaign.run");
  const [name, setName] = useState("");
  const [chosen, setClient] = useState("");
  const options = (data ?? []).map(({ id, name: label }) => ({ id, label }));
  const client = chosen === "" && options.length === 1 ? (options[0]?.id ?? "") : chosen;
  return (
    <Panel title={t("campaigns.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void model.create(client, name).then((id) => id !== null && router.go(mayRun ? `/campaigns/${id}/start` : `/campaigns/${id}`));
        }}
      >
        <SelectInput label={t("campaigns.client")} value={client} onChange={setClient} options={options} />
        <TextInput label={t("campaigns.name")} value={name} onChange={setName} maxLength={80} required />
        <ErrorNotice error={error} />
        <Button look="primary" type="submit" isDisabled={busy || client === "" || name.trim() === ""}>
          {t("campaigns.create")}
        </Button>
      </form>
    </Panel>
  );
}

import { type ReactElement, useEffect } from "react";
import { ClientModel } from "../../state/clients";
import { LayoutsModel } from "../../state/layouts";
import { useApp, useWords } from "../../ui/app-context";
import { ErrorNotice, PageHead } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { DdasPanel } from "./ddas-panel";
import { LayoutsPanel } from "./layouts-panel";
import { OutletsPanel } from "./outlets-panel";
import { SourcesPanel } from "./sources-panel";

/** Files of one client: where its results go and in what layout, and where its lists are fetched. */
export function ClientFilesPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new ClientModel(client, id));
  const layouts = useModel(() => new LayoutsModel(client, id));
  const { data, error } = useStore(model.detail);
  const { data: profiles } = useStore(layouts.list);
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <PageHead title={data === null ? t("files.title") : t("files.title.of", { name: data.name })} back={{ to: `/clients/${id}`, text: data?.name ?? t("clients.title") }} />
      <div className="stack stack--wide">
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        <OutletsPanel client={id} layouts={(profiles ?? []).map(({ name }) => name)}>
          <LayoutsPanel model={layouts} />
        </OutletsPanel>
        <SourcesPanel client={id} />
        <DdasPanel client={id} />
      </div>
    </>
  );
}

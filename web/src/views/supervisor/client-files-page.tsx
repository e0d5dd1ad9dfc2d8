import { type ReactElement, useEffect } from "react";
import { FILE_PARTS, type FilePart, filesPath } from "../../domain/file-parts";
import { ClientModel } from "../../state/clients";
import { LayoutsModel } from "../../state/layouts";
import { useApp, useWords } from "../../ui/app-context";
import { ErrorNotice, Link, PageHead } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { DdasPanel } from "./ddas-panel";
import { LayoutsPanel } from "./layouts-panel";
import { OutletsPanel } from "./outlets-panel";
import { SourcesPanel } from "./sources-panel";

/** Files of one client, a page each: where its results go and in what layout, where its lists are fetched, the exchange. */
export function ClientFilesPage({ id, part }: { readonly id: string; readonly part: FilePart }): ReactElement {
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
        <nav className="nav nav--lists" aria-label={t("files.parts")}>
          {FILE_PARTS.map((one) => (
            <Link key={one} to={`/clients/${id}/${filesPath(one)}`} current={one === part}>
              {t(`files.part.${one}`)}
            </Link>
          ))}
        </nav>
        <ErrorNotice error={error} onRetry={() => void model.load()} />
        {part === "out" && (
          <OutletsPanel client={id} layouts={(profiles ?? []).map(({ name }) => name)}>
            <LayoutsPanel model={layouts} />
          </OutletsPanel>
        )}
        {part === "in" && <SourcesPanel client={id} />}
        {part === "ddas" && <DdasPanel client={id} />}
      </div>
    </>
  );
}

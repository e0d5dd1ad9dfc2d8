import { type ReactElement, useEffect } from "react";
import type { ResultProfile } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { ownForm } from "../../domain/result-layout";
import type { LayoutsModel } from "../../state/layouts";
import { useMay, useWords } from "../../ui/app-context";
import { Badge, Button, Empty, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { LayoutEditor } from "./layout-editor";
import { Example } from "./layout-example";

/** How this client wants its results in a file: learned from an example, seen, changed, and had back. */
export function LayoutsPanel({ model }: { readonly model: LayoutsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.list);
  const { error: failed } = useStore(model.acting);
  const editing = useStore(model.editing);
  const kept = useStore(model.kept);
  const mayWrite = useMay("client.write");
  useEffect(() => void model.list.reload(), [model]);
  return (
    <Panel title={t("layouts.title")}>
      <p className="muted">{t("layouts.intro")}</p>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      <ErrorNotice error={failed} />
      <div role="status">{kept !== null && <Notice tone="good">{t("layouts.kept", { name: kept.name, version: kept.version })}</Notice>}</div>
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && editing === null && <Empty>{t("layouts.none")}</Empty>}
      {data !== null && data.length > 0 && <List model={model} profiles={data} mayWrite={mayWrite} open={editing?.named === true ? editing.name : ""} />}
      {mayWrite && editing === null && <Begin model={model} />}
      {editing !== null && <LayoutEditor model={model} edit={editing} mayWrite={mayWrite} />}
    </Panel>
  );
}

interface ListProps {
  readonly model: LayoutsModel;
  readonly profiles: readonly ResultProfile[];
  readonly mayWrite: boolean;
  readonly open: string;
}

function List({ model, profiles, mayWrite, open }: ListProps): ReactElement {
  const { t, locale } = useWords();
  return (
    <ul className="lines">
      {profiles.map((profile) => {
        const { name, version, created_at: at, layout } = profile;
        return (
          <li key={name} className="line">
            <span>
              <strong>{name}</strong> <Badge>{t("layouts.version", { version })}</Badge>{" "}
              <span className="muted">{t("layouts.since", { at: dateTime(at, locale), count: layout.columns.length })}</span>
            </span>
            <Button size="small" aria-label={t(mayWrite ? "channels.edit.of" : "layouts.see.of", { name })} aria-expanded={open === name} onPress={() => (open === name ? model.close() : model.open(profile))}>
              {t(mayWrite ? "channels.edit" : "layouts.see")}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

/** An example as the client has it now, or our own columns to begin with. */
function Begin({ model }: { readonly model: LayoutsModel }): ReactElement {
  const { t } = useWords();
  return (
    <div className="stack">
      <h3>{t("layouts.make")}</h3>
      <Example model={model} />
      <div>
        <Button size="small" look="quiet" onPress={() => model.begin(ownForm((field) => t(`layouts.field.${field}`)))}>
          {t("layouts.own")}
        </Button>
      </div>
    </div>
  );
}

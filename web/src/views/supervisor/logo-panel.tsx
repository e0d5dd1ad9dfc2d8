import { type ReactElement, useEffect } from "react";
import { FileTrigger } from "react-aria-components";
import { LogoModel } from "../../state/report-work";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** The logo on the PDF of a client's reports. */
export function LogoPanel({ client: of }: { readonly client: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new LogoModel(client, of));
  const { data, error } = useStore(model.there);
  const { busy, error: failed } = useStore(model.saving);
  useEffect(() => void model.there.reload(), [model]);
  return (
    <Panel title={t("logo.title")}>
      <ErrorNotice error={error} onRetry={() => void model.there.reload()} />
      {data !== null && <p>{t(data ? "logo.there" : "logo.none")}</p>}
      <p className="muted">{t("logo.hint")}</p>
      <div className="row">
        <FileTrigger acceptedFileTypes={["image/png"]} onSelect={(files) => files?.[0] !== undefined && void model.set(files[0])}>
          <Button icon="file" isDisabled={busy}>
            {t("logo.choose")}
          </Button>
        </FileTrigger>
        {data === true && (
          <Button look="quiet" isDisabled={busy} onPress={() => void model.set(null)}>
            {t("logo.drop")}
          </Button>
        )}
      </div>
      <ErrorNotice error={failed} />
    </Panel>
  );
}

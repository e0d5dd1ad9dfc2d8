import type { ReactElement } from "react";
import type { Preflight } from "../../api/types";
import type { WizardModel } from "../../state/wizard";
import { useWords } from "../../ui/app-context";
import { Button, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { PreflightFacts } from "./preflight-facts";

/** The last look, and the start. */
export function WizardStart({ model, preflight, onStarted }: { readonly model: WizardModel; readonly preflight: Preflight; readonly onStarted: () => void }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  return (
    <Panel label={t("wizard.step.start")}>
      <PreflightFacts preflight={preflight} />
      <p className="muted">{t("wizard.start.hint")}</p>
      <ErrorNotice error={error} />
      <div>
        <Button look="primary" size="large" isDisabled={busy || !preflight.may_start} onPress={() => void model.start().then((done) => done && onStarted())}>
          {t("wizard.start.do")}
        </Button>
      </div>
    </Panel>
  );
}

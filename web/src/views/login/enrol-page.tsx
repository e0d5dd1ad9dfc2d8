import type { ReactElement } from "react";
import { SecondFactorModel } from "../../state/second-factor";
import { useApp, useWords } from "../../ui/app-context";
import { Button, ErrorNotice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SetUpFactor } from "../account/set-up-factor";
import { LoginFrame } from "./login-frame";

/** The password was right; this role sets up a second factor before it goes on. */
export function EnrolPage(): ReactElement {
  const { client, session } = useApp();
  const { t } = useWords();
  const model = useModel(() => new SecondFactorModel(client, session.take));
  const { busy, error } = useStore(model.acting);
  const { step } = useStore(model);
  return (
    <LoginFrame icon="lock">
      <h1>{t("login.enrol.title")}</h1>
      <SetUpFactor
        model={model}
        begin={
          <>
            <p>{t("login.enrol.intro")}</p>
            <ErrorNotice error={error} />
            {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the only thing to do here */}
            <Button look="primary" size="large" autoFocus isDisabled={busy} onPress={() => void model.start("", "")}>
              {t("factor.setUp")}
            </Button>
          </>
        }
      />
      {step === "begin" && (
        <Button look="quiet" onPress={() => void session.signOut()}>
          {t("login.code.other")}
        </Button>
      )}
    </LoginFrame>
  );
}

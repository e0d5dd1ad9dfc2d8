import { type ReactElement, useState } from "react";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { LoginFrame, Refused } from "./login-frame";

/** The second step of signing in. */
export function CodePage(): ReactElement {
  const { session } = useApp();
  const { t } = useWords();
  const { busy, error } = useStore(session.proving);
  const [code, setCode] = useState("");
  return (
    <LoginFrame
      icon="lock"
      onSubmit={() => {
        if (code !== "") void session.prove(code).finally(() => setCode(""));
      }}
    >
      <div>
        <h1>{t("login.code.title")}</h1>
        <p className="muted">{t("login.code.intro")}</p>
      </div>
      <Refused error={error} isWrong={(refusal) => refusal.code === "code-refused"} wrong={t("login.code.wrong")} />
      <TextInput label={t("login.code.label")} hint={t("login.code.hint")} value={code} onChange={setCode} autoComplete="one-time-code" maxLength={40} focusFirst required />
      <Button look="primary" size="large" type="submit" isDisabled={busy || code === ""}>
        {t("login.code.submit")}
      </Button>
      <Button look="quiet" onPress={() => void session.signOut()}>
        {t("login.code.other")}
      </Button>
    </LoginFrame>
  );
}

import { type ReactElement, useState } from "react";
import type { User } from "../../api/types";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { LoginFrame, Refused } from "./login-frame";

/** Nothing of the work is on the page while it is locked. */
export function LockPage({ user }: { readonly user: User }): ReactElement {
  const { session } = useApp();
  const { t } = useWords();
  const { busy, error } = useStore(session.unlocking);
  const [password, setPassword] = useState("");
  return (
    <LoginFrame icon="lock" onSubmit={() => void session.unlock(password).finally(() => setPassword(""))}>
      <div>
        <h1>{t("lock.title")}</h1>
        <p className="muted">{t("lock.intro")}</p>
        <p>
          <strong>{user.display_name}</strong>
        </p>
      </div>
      <Refused error={error} isWrong={(refusal) => refusal.code === "sign-in-refused"} wrong={t("lock.wrong")} />
      <TextInput label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" focusFirst required />
      <Button look="primary" size="large" type="submit" isDisabled={busy || password === ""}>
        {t("lock.open")}
      </Button>
      <Button look="quiet" onPress={() => void session.signOut()}>
        {t("menu.signOut")}
      </Button>
    </LoginFrame>
  );
}

import { type ReactElement, useState } from "react";
import type { Client, Role, User } from "../../api/types";
import type { UserEdit, UsersModel } from "../../state/office";
import { useWords } from "../../ui/app-context";
import { DialogForm } from "../../ui/dialog-form";
import { ButtonDialog } from "../../ui/dialog-frame";
import { SelectInput, TextInput } from "../../ui/fields";
import { useStore } from "../../ui/use-store";

export const ROLES: readonly Role[] = ["agent", "supervisor", "quality", "administrator", "privacy", "client", "monitor"];

interface EditProps {
  readonly model: UsersModel;
  readonly user: User;
  readonly clients: readonly Client[];
}

/** Name, role, client and language of somebody. */
export function EditUser({ model, user, clients }: EditProps): ReactElement {
  const { t } = useWords();
  return (
    <ButtonDialog title={t("users.edit.of", { name: user.display_name })} label={t("users.edit")}>
      {(close) => (
        <EditForm model={model} user={user} clients={clients} close={close} />
      )}
    </ButtonDialog>
  );
}

function EditForm({ model, user, clients, close }: EditProps & { readonly close: () => void }): ReactElement {
  const { t } = useWords();
  const { error } = useStore(model.acting);
  const [form, setForm] = useState<UserEdit>({ display_name: user.display_name, role: user.role, client: user.client, language: user.language });
  const edit = (change: Partial<UserEdit>): void => setForm({ ...form, ...change });
  const nameless = form.display_name.trim() === "";
  const ofNobody = form.role === "client" && form.client === null;
  return (
    <DialogForm error={error} ready={!nameless && !ofNobody} submit={t("users.edit.save")} onSubmit={() => model.change(user, form)} close={close}>
      <TextInput label={t("users.name")} value={form.display_name} onChange={(display_name) => edit({ display_name })} maxLength={80} focusFirst {...(nameless ? { error: t("users.name.wrong") } : {})} />
      <SelectInput label={t("users.role")} hint={t("users.edit.ends")} value={form.role} onChange={(role) => edit({ role: role as Role })} options={ROLES.map((role) => ({ id: role, label: t(`role.${role}`) }))} />
      {form.role === "client" && (
        <SelectInput
          label={t("users.client")}
          value={form.client ?? ""}
          onChange={(id) => edit({ client: id === "" ? null : id })}
          options={clients.map(({ id, name }) => ({ id, label: name }))}
          {...(ofNobody ? { error: t("users.client.wrong") } : {})}
        />
      )}
    </DialogForm>
  );
}

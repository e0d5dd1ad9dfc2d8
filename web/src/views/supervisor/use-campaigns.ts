import { useEffect } from "react";
import type { Campaign } from "../../api/types";
import { Pages } from "../../state/query";
import { useApp } from "../../ui/app-context";
import type { Option } from "../../ui/fields";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

export interface Campaigns {
  readonly options: readonly Option[];
  readonly name: (id: string) => string;
  /** Those of one client. */
  readonly of: (client: string) => readonly Option[];
}

/** The campaigns to choose from (the newest 200), and their names. */
export function useCampaigns(): Campaigns {
  const { client } = useApp();
  const pages = useModel(() => new Pages<Campaign>((cursor) => client.get("/campaigns", { query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } })));
  const { data } = useStore(pages);
  useEffect(() => void pages.reload(), [pages]);
  const list = data ?? [];
  return {
    options: list.map(({ id, name }) => ({ id, label: name })),
    name: (id) => list.find((campaign) => campaign.id === id)?.name ?? "–",
    of: (owner) => list.filter((campaign) => campaign.client === owner).map(({ id, name }) => ({ id, label: name })),
  };
}

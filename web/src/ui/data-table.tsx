/** A plain table in a box of its own that scrolls when the window is narrow. Loading, empty and failed states included. */

import type { ReactElement, ReactNode } from "react";
import type { PagesState } from "../state/query";
import { useWords } from "./app-context";
import { Button, Empty, ErrorNotice } from "./parts";

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ReactNode;
  readonly align?: "start" | "end";
}

interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly id: (row: T) => string;
}

export function DataTable<T>({ label, rows, columns, id }: TableProps<T>): ReactElement {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the box can be scrolled by keyboard too
    <div className="table-box" role="group" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={`cell--${column.align ?? "start"}`}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column) => (
                <td key={column.head} className={`cell--${column.align ?? "start"}`}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PagedProps<T> extends Omit<TableProps<T>, "rows"> {
  readonly pages: PagesState<T>;
  readonly none: string;
  readonly onRetry: () => void;
  readonly onMore: () => void;
}

export function PagedTable<T>({ pages, none, onRetry, onMore, ...table }: PagedProps<T>): ReactElement {
  const { t } = useWords();
  const { data, next, loading, error } = pages;
  return (
    <div className="stack" aria-busy={loading}>
      <ErrorNotice error={error} onRetry={onRetry} />
      {data === null && loading && <Empty>{t("app.loading")}</Empty>}
      {data !== null && data.length === 0 && <Empty>{none}</Empty>}
      {data !== null && data.length > 0 && <DataTable rows={data} {...table} />}
      {next !== null && (
        <div>
          <Button onPress={onMore} isDisabled={loading}>
            {t("app.more")}
          </Button>
        </div>
      )}
    </div>
  );
}

"""Conditions of a screen's query."""

from __future__ import annotations

from dialer.storage.where import Where


def test_values_travel_as_parameters_and_what_was_not_asked_adds_nothing() -> None:
    where = Where()
    where.add("c.name = {n}", "x'; drop table client; --")
    where.add("c.state = {n}", None)
    where.add("c.city = {n}", "")
    where.add_all("(c.at, c.id) < ({0}, {1})", None)
    where.add_all("(c.at, c.id) < ({0}, {1})", ("when", "which"))
    where.add("c.client_id = {n}", "client")
    assert where.query("select 1 from c", "c.at desc, c.id desc", 20) == (
        "select 1 from c where c.name = $1 and (c.at, c.id) < ($2, $3) and c.client_id = $4"
        " order by c.at desc, c.id desc limit $5"
    )
    assert where.values == ["x'; drop table client; --", "when", "which", "client", 20]


def test_nothing_asked_is_everything() -> None:
    assert Where().query("select 1 from c", "c.id", 5) == "select 1 from c  order by c.id limit $1"

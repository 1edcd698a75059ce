"""Plain tables: alignment, wrapping, and columns with nothing in them."""

from dig_framework.text_table import text_table


def test_columns_are_aligned_under_the_header():
    assert text_table([("a", "bb"), ("ccc", "d")], ("x", "y")).splitlines() == [
        "x    y",
        "---  --",
        "a    bb",
        "ccc  d",
    ]


def test_an_empty_column_takes_its_place():
    assert text_table([("ok", "", "1 s"), ("ok", "", "2 s")]).splitlines() == ["ok     1 s", "ok     2 s"]
    assert text_table([("ok", "")]) == "ok"


def test_the_widest_column_wraps_at_the_edge(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = text_table([("ok", "word " * 40, "1.00 s")]).splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= 80


def test_nothing_gives_nothing():
    assert text_table([]) == ""

"""Benchmarks are found by name, print tables and leave a record."""

import json

import pytest

from dig_framework import bench
from dig_framework.bench.record import print_table, save_record
from dig_framework.bench.start_up import install_broken_plugin
from dig_framework.bench.table import Table
from dig_framework.bench.timed_process import run_timed
from dig_framework.errors import ComponentError, DigError
from dig_framework.plugins import find

TABLE = Table("Figures", ({"what": "a", "time [s]": 0.25}, {"what": "b", "time [s]": None, "ok": True}), "Quiet.")


def test_columns_appear_in_the_order_of_the_rows():
    assert TABLE.columns() == ["what", "time [s]", "ok"]


def test_table_is_printed_whole(capsys):
    print_table(TABLE)
    printed = capsys.readouterr().out
    for text in ("Figures", "time [s]", "0.25", "yes", "-", "Quiet."):
        assert text in printed


def test_record_has_machine_versions_and_rows(tmp_path):
    path = save_record("pipeline", [TABLE], tmp_path / "deep" / "record.json")
    record = json.loads(path.read_text())
    assert record["tables"][0]["rows"][0] == {"what": "a", "time [s]": 0.25}
    assert record["machine"]["cores"] >= 1
    assert record["packages"]["torch"]
    assert record["benchmark"] == "pipeline"


def test_unknown_benchmark_says_what_there_is():
    with pytest.raises(DigError, match="Did you mean 'pipeline'"):
        bench.run("pipelin")


def test_data_must_be_a_folder(tmp_path):
    with pytest.raises(DigError, match="is no folder"):
        bench.run("pipeline", tmp_path / "absent")


def test_run_tells_each_table_and_saves_them(tmp_path, monkeypatch):
    module = tmp_path / "tiny_bench.py"
    module.write_text(
        "from dig_framework.bench.table import Table\n"
        "def measure(data):\n    yield Table('one', ({'figure': 1},))\n    yield Table('two', ({'figure': 2},))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(bench.BENCHES, "tiny", "tiny_bench")
    told = []
    path = bench.run("tiny", into=tmp_path / "out.json", report=told.append)
    assert [table.title for table in told] == ["one", "two"]
    assert [table["title"] for table in json.loads(path.read_text())["tables"]] == ["one", "two"]


def test_the_broken_plugin_is_listed_and_does_not_import(tmp_path, monkeypatch):
    install_broken_plugin(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ComponentError, match=r"dig-broken 0\.1.*broken on purpose"):
        find("renderer", "broken").load()


def test_a_process_is_measured():
    timed = run_timed(["python3", "-c", "import os; print(os.environ['WORD']); bytearray(60 << 20)"], {"WORD": "here"})
    assert (timed.code, timed.output.strip()) == (0, "here")
    assert timed.peak_mib > 60
    assert run_timed(["python3", "-c", "raise SystemExit(3)"]).code == 3

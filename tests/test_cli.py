import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from fake_distribution import install
from tiny_pipeline import SETTINGS, STAGES, observation

from dig_framework.cli import demo, main
from dig_framework.interfaces import Launcher
from dig_framework.observation_files import save_observation
from dig_framework.stage import STAGES as REFERENCE_STAGES
from dig_framework.testing import Conformance
from dig_framework.testing.conformance import not_claimed
from dig_framework.yaml_files import format_yaml


class Idle(Launcher):
    """Does nothing."""

    patience: float = 1.0

    def launch(self, jobs):
        return iter(())


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A working directory with a config and a scene, in which the pipeline is the tiny one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("dig_framework.pipeline.STAGES", STAGES)
    (tmp_path / "tiny.yaml").write_text(format_yaml(SETTINGS))
    save_observation(observation(), tmp_path / "scene")
    return tmp_path


@pytest.fixture
def broken_site(tmp_path):
    """A folder with an installed plugin that cannot be imported."""
    (tmp_path / "broken_module.py").write_text("raise SystemError('imported')\n")
    install(tmp_path, "dig-broken", {"renderer": {"broken": "broken_module:Broken"}})
    return tmp_path


@pytest.mark.parametrize("words", [["--help"], ["plugins"], ["run", "--help"], ["bench"]])
def test_what_only_reads_names_imports_nothing_heavy(broken_site, words):
    code = (
        "import sys\nfrom dig_framework.cli import main\n"
        f"try: status = main({words})\nexcept SystemExit as end: status = end.code\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'rich', 'yaml', 'scipy', 'numba', 'broken_module'}\n"
        "print('status', status, 'heavy', sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(broken_site)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "status 0 heavy []", done.stderr
    if words == ["plugins"]:
        assert "broken_module:Broken" in done.stdout


def test_run_writes_a_directory_and_says_what_came_out(tiny, capsys):
    assert (
        main(["run", "tiny.yaml", "scene", "--into", "out", "--no-report", "--seed", "3", "-s", "shape.size=0.1"]) == 0
    )
    told = capsys.readouterr()
    assert "thing 0" in told.out
    assert "best grasp 0.50" in told.out
    assert told.out.splitlines()[-1] == "out"
    config = (tiny / "out" / "config.yaml").read_text()
    assert "seed: 3" in config
    assert "size: 0.1" in config
    assert json.loads((tiny / "out" / "provenance.json").read_text())["input"]["source"] == str(tiny / "scene")
    assert told.err == ""


def test_run_names_its_directory_and_until_stops(tiny, capsys):
    assert main(["run", "tiny.yaml", "scene", "--until", "initialize", "--no-report", "--no-cache"]) == 0
    (run,) = (tiny / "runs").iterdir()
    assert "-tiny-" in run.name
    assert not (run / "grasp").exists()
    assert not (tiny / "cache").exists()


def test_an_unwritable_cache_is_an_error_if_it_was_given_and_one_warning_if_not(tiny, capsys, monkeypatch):
    (tiny / "file").touch()
    words = ["run", "tiny.yaml", "scene", "--into", "out", "--no-report"]
    assert main([*words, "--cache", "file/cache"]) == 1
    assert "or --no-cache" in capsys.readouterr().err
    assert not (tiny / "out").exists()
    monkeypatch.setenv("DIG_CACHE", "file/cache")
    assert main(words) == 0
    told = capsys.readouterr().err
    assert told.startswith("dig-framework: the cache file/cache cannot be written (Not a directory); going on without")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["run", "tinny.yaml", "scene"], "dig-framework: there is no config file tinny.yaml. Presets: "),
        (["run", "tiny.yaml", "nowhere"], "dig-framework: nowhere: is no folder; "),
        (["run", "tiny.yaml", "scene", "-s", "shape.flaw=boom"], "dig-framework: RuntimeError: boom (-v shows where)"),
        (["run", "tiny.yaml", "scene", "-s", "shape.flaw=interrupt"], "dig-framework: interrupted. Repeat the command "
         "to go on after the last finished stage."),
        (["run", "tiny.yaml", "scene", "--into", "tiny.yaml"], "dig-framework: tiny.yaml is a file; give a folder "),
        (["show"], "dig-framework: there is no run in "),
        (["show", "scene"], "dig-framework: scene is no run directory: it has no file 'state'."),
        (["plugins", "check", "json:dumps"], "dig-framework: component 'json:dumps' has no slot; derive it from"),
    ],
)  # fmt: skip
def test_failures_are_one_sentence_and_status_one(tiny, capsys, words, text):
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith(text)
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["run", "tiny.yaml", "scene", "-s", "shape.size=-1"], "dig-framework: tiny.yaml: shape.size: input should be "
         "greater than 0, not -1 (set by -s shape.size=-1)"),
        (["run", "tiny.yaml", "scene", "--listen", "nobody"], "dig-framework: no listener is called 'nobody'. "),
        (["plugins", "show", "launcher", "lokal"], "dig-framework: no launcher is called 'lokal'. Did you mean"),
        (["plugins", "check", "lokal"], "dig-framework: no component is called 'lokal'. Did you mean"),
        (["bench", "pipelin"], "dig-framework: no benchmark is called 'pipelin'. Did you mean 'pipeline'?"),
        (["run", "referense", "scene"], "dig-framework: no preset is called 'referense'. Did you mean 'reference'? "),
        (["run", "tiny.yaml", "scene", "-s", "shappe=hull"], "dig-framework: -s shappe=hull: no setting is called "),
        (["run", "tiny.yaml", "scene", "-s", "shape.sise=1"], "dig-framework: tiny.yaml: shape.sise: no setting is "),
        (["run", "tiny.yaml", "scene", "-s", "shape=hul"], "dig-framework: tiny.yaml: shape: no shape is called 'hul'. "
         "Did you mean 'hull'?"),
        (["run", "tiny.yaml", "scene", "-s", "fit_schedule=null", "--until", "fit"], "dig-framework: no stage of tiny "
         "is called 'fit'. "),
    ],
)  # fmt: skip
def test_words_that_name_nothing_are_one_sentence_and_status_two(tiny, capsys, words, text):
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.startswith(text)
    assert len(told.splitlines()) == 1


def test_what_a_file_says_wrongly_is_status_one(tiny, capsys):
    for bad in ({"seeed": 3}, {"extends": "referense"}, {"shape": "hul"}):
        (tiny / "bad.yaml").write_text(format_yaml({**SETTINGS, **bad}))
        assert main(["run", "bad.yaml", "scene", "-s", "seed=3"]) == 1
    assert "no preset is called 'referense'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"]])
def test_help_says_what_exit_statuses_mean(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "2 wrong words on the command line" in " ".join(capsys.readouterr().out.split())


def test_boxes_without_a_mask_are_told_whatever_the_last_stage(tiny, capsys):
    view = observation(2)
    save_observation(view.replace(masks=torch.stack([view.depth > 0, view.depth < 0])), tiny / "scene")
    words = ["run", "tiny.yaml", "scene", "--no-report", "-s", "segmenter=given", "--until"]
    reason = "no pixel in the box was recognised as the object; check that the box is around it"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dig_framework.pipeline.STAGES", REFERENCE_STAGES)
        assert main([*words, "segment"]) == 0
        assert capsys.readouterr().err == f"segment: thing 1 1: {reason}\n"
        save_observation(view.replace(masks=torch.zeros(2, *view.depth.shape, dtype=torch.bool)), tiny / "scene")
        assert main([*words, "segment"]) == 1
        told = capsys.readouterr().err
        assert told == f"dig-framework: no object could be recovered. thing 0 0: {reason}; thing 1 1: {reason}\n"


def test_verbose_shows_the_traceback(tiny, capsys):
    assert main(["run", "-v", "tiny.yaml", "scene", "-s", "shape.flaw=boom"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["rum"], ["run", "tiny.yaml"], ["run", "tiny.yaml", "scene", "-s", "seed"],
              ["run", "tiny.yaml", "scene", "--until", "fitt"], ["plugins", "show", "lancher", "x"],
              ["plugins", "new", "x"]],
)  # fmt: skip
def test_wrong_usage_is_status_two(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: dig-framework" in capsys.readouterr().err


def test_a_file_in_the_working_directory_is_a_plugin(tiny, capsys):
    (tiny / "my_idea.py").write_text(
        "from pydantic import Field\nfrom dig_framework.interfaces import Segmenter\nimport torch\n"
        "class Nothing(Segmenter):\n"
        "    '''Everything, too.'''\n"
        "    level: float = Field(0.5, description='Of nothing [1]')\n"
        "    def segment(self, observation, noise, seed):\n"
        "        return torch.ones((1, *observation.depth.shape), dtype=torch.bool)\n"
    )
    assert main(["run", "tiny.yaml", "scene", "-s", "segmenter=my_idea:Nothing", "--into", "out", "--no-report"]) == 0
    assert main(["plugins", "show", "segmenter", "my_idea:Nothing"]) == 0
    assert "level    float  0.5      Of nothing [1]" in capsys.readouterr().out
    sys.path.remove(str(tiny))


def test_show_prints_the_latest_report(tiny, capsys):
    for name in ("old", "new"):
        (tiny / "runs" / name).mkdir(parents=True)
        (tiny / "runs" / name / "state").write_text("done\n")
        (tiny / "runs" / name / "report.html").touch()
    os.utime(tiny / "runs" / "old" / "state", (1, 1))
    assert main(["show", "--print"]) == 0
    assert capsys.readouterr().out.strip() == "runs/new/report.html"


def test_show_opens_a_browser(tiny, monkeypatch, capsys):
    (tiny / "out").mkdir()
    for name in ("state", "report.html"):
        (tiny / "out" / name).touch()
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    assert main(["show", "out"]) == 0
    assert opened == [(tiny / "out" / "report.html").as_uri()]


def test_plugins_show_lists_settings_and_abilities(capsys):
    assert main(["plugins", "show", "launcher", "local"]) == 0
    shown = capsys.readouterr().out
    assert "workers   int ≥ 1    2        Jobs at a time" in shown
    assert "dig-framework 0.1.0" in shown
    assert main(["plugins", "show", "renderer", "tiny_pipeline:TinyRenderer"]) == 0
    shown = capsys.readouterr().out
    assert "  differentiable: color, depth, masks\n" in shown
    assert "It has no settings." in shown


class Suite(Conformance):
    def test_good(self):
        """It holds."""

    def test_patience(self):
        """It waits.

        At least a second.
        """
        assert self.component.patience >= 1, f"it waits {self.component.patience} s, at least 1 s is needed"

    def test_skipped(self):
        """It flies."""
        raise not_claimed("flight")


def test_plugins_check_runs_suites(capsys, monkeypatch):
    monkeypatch.setattr("dig_framework.testing.conformance_run.suite_for", lambda slot: Suite)
    assert main(["plugins", "check", "test_cli:Idle"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1] == "2 passed, 0 failed, 1 skipped"
    assert "does not claim flight" in shown
    assert main(["plugins", "check", "test_cli:Idle", "-s", "patience=0.5"]) == 1
    shown = capsys.readouterr().out
    assert "FAILED  It waits" in shown
    assert "it waits 0.5 s, at least 1 s is needed" in shown


def test_plugins_check_goes_on_after_a_broken_plugin(broken_site, capsys, monkeypatch):
    monkeypatch.syspath_prepend(broken_site)
    install(broken_site, "dig-idle", {"launcher": {"broken": "test_cli:Idle"}})
    monkeypatch.setattr("dig_framework.testing.conformance_run.suite_for", lambda slot: Suite)
    assert main(["plugins", "check", "broken"]) == 1
    shown = capsys.readouterr().out
    assert "renderer 'broken' of dig-broken 0.1 does not import: SystemError: imported" in shown
    assert shown.splitlines()[-1] == "2 passed, 1 failed, 1 skipped"


def test_doctor_names_what_does_not_import(broken_site, capsys, monkeypatch):
    monkeypatch.syspath_prepend(broken_site)
    monkeypatch.setenv("COLUMNS", "400")  # Long paths elsewhere in the table must not wrap the sentence.
    assert main(["doctor"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "renderer broken renderer 'broken' of dig-broken 0.1 does not import: SystemError: imported BROKEN" in shown
    assert "package torch" in shown


def test_the_demo_runs_the_embedded_scene(monkeypatch):
    given = []
    monkeypatch.setattr(demo, "run_and_print", lambda options, config, folder: given.append((config, folder)) or 0)
    assert main(["demo"]) == 0
    ((config, folder),) = given
    assert config == "quickstart"
    assert {"rgb.png", "depth.png", "camera.json", "boxes.json"} <= {path.name for path in Path(folder).iterdir()}


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "dig_framework.cli", "--version"], capture_output=True, text=True)
    assert done.stdout == "dig-framework 0.1.0\n"

import hashlib
import html.parser
import json
import shutil
from pathlib import Path

import pytest
from sphere_run import NASTY, write_events, write_run

from dig_framework.report import write_report
from dig_framework.report.run_record import read_run

_VOID = {"meta", "link", "img", "br", "input", "hr"}


class Outline(html.parser.HTMLParser):
    """Everything a test asks of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.text, self.open, self.tags, self.wrong = "", [], [], []
        self.feed(page.read_text("utf-8"))
        self.wrong += self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        # Inside an SVG, line, path and rect may close themselves.
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, name: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag == name]


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_page_is_whole_and_alone(reported):
    page = Outline(reported / "report.html")
    assert page.wrong == []
    images = page.all("img")
    assert len(images) == 17
    for image in images:
        assert image["src"].startswith("data:image/")
        assert image["alt"]
    source = (reported / "report.html").read_text()
    assert "http://" not in source
    assert "https://" not in source
    assert "@import" not in source
    assert all("src" not in script for script in page.all("script"))
    names = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {link["href"][1:] for link in page.all("a")} <= names


def test_what_happened_is_on_the_page(reported):
    text = Outline(reported / "report.html").text
    for expected in ("1 of 2", "1 of 2", "12.5 s", "read back", "held", "collision", "no grasp is in reach.", "seed 3"):
        assert expected in text, expected
    assert "segment: nothing stands out in the box." in text
    assert "opening: 0.1" in text
    assert "torch 2" in text


def test_labels_are_text(reported):
    page = Outline(reported / "report.html")
    assert page.text.count(NASTY) > 3
    assert not [attributes for tag, attributes in page.tags if tag == "b" and attributes]
    view = (reported / "report.html").read_text().split('id="view-data">')[1].split("</script>")[0]
    assert json.loads(view)["stages"][0]["objects"][0]["label"] == NASTY


def test_pictures_are_files_too_and_stages_stay_as_they_were(tmp_path):
    folder = write_run(tmp_path / "run")
    before = _digest(folder)
    assert write_report(folder) == folder / "report.html"
    after = _digest(folder)
    added = set(after) - set(before)
    assert {name: digest for name, digest in after.items() if name in before} == before
    assert all(name == "report.html" or name.startswith("pictures/") for name in added)
    assert {"pictures/fit/overlay.png", "pictures/input/depth.png", "pictures/grasp/001.png"} <= added
    write_report(folder)
    assert _digest(folder) == after, "the same run gives the same bytes"


def test_pictures_of_an_earlier_report_go_away(tmp_path):
    folder = write_run(tmp_path)
    (folder / "pictures").mkdir()
    (folder / "pictures/old.png").write_text("old")
    write_report(folder)
    assert not (folder / "pictures/old.png").exists()


def _without(*names):
    def change(folder: Path) -> None:
        for name in names:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def _until_segment(folder: Path) -> None:
    _without("initialize", "fit", "deform", "grasp", "execute", "scene.json", "scene.glb", "meshes")(folder)
    lines = (folder / "events.jsonl").read_text().splitlines()
    (folder / "events.jsonl").write_text("\n".join(line for line in lines if '"segment"' in line or "run_" in line))


def _damaged(folder: Path) -> None:
    (folder / "fit/scene.json").write_text('{"schema": 1')
    (folder / "grasp/grasps.json").write_text("[]")
    (folder / "config.yaml").write_text("a: [")


def _everything(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_until_segment, ["The run did not include this stage.", "0 of 2"]),
        (_without("input"), ["no readable input/", "recovered"]),
        (_without("segment"), ["recovered", "Segment"]),
        (_without("events.jsonl", "metrics.json", "config.yaml", "provenance.json"), ["metrics.json is absent."]),
        (_without("fit/loss.csv", "grasp"), ["Its grasps.json is absent or cannot be read."]),
        (_damaged, ["fit/scene.json: no valid JSON at line 1", "grasps.json"]),
        (_everything, ["unfinished", "no readable input/", "neither a reconstructed object nor a measured point"]),
    ],
)
def test_what_is_missing_is_said(tmp_path, change, expected):
    folder = write_run(tmp_path / "run")
    change(folder)
    page = Outline(write_report(folder))
    assert page.wrong == []
    for text in expected:
        assert text in page.text, text


def test_a_failed_stage_says_why(tmp_path):
    folder = write_run(tmp_path / "run")
    _without("fit", "deform", "grasp", "execute")(folder)
    write_events(folder, failing="fit")
    (folder / "state").write_text("running")
    text = Outline(write_report(folder)).text
    assert "The run failed: loss is <NaN>" in text
    assert "The stage failed: loss is <NaN>" in text


@pytest.mark.parametrize(
    ("state", "failing", "outcome"),
    [("done", None, "done"), ("running", None, "done"), ("failed", None, "failed"), ("running", "deform", "failed")],
)
def test_the_outcome_is_known_before_the_state_is_written(tmp_path, state, failing, outcome):
    folder = write_run(tmp_path)
    write_events(folder, failing)
    (folder / "state").write_text(state)
    assert read_run(folder).outcome == outcome


def test_a_run_that_was_killed_is_unfinished(tmp_path):
    folder = write_run(tmp_path)
    events = (folder / "events.jsonl").read_text().splitlines()
    (folder / "events.jsonl").write_text("\n".join(events[:6]) + '\n{"event": "stage_fin')
    assert read_run(folder).stage("fit").state == "unfinished"
    assert read_run(folder).outcome == "unfinished"


def test_without_a_renderer_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("dig_framework.report.scene_pictures.RENDERER", "none-of-these")
    page = Outline(write_report(write_run(tmp_path)))
    assert "The scene cannot be drawn: no renderer is called 'none-of-these'." in page.text
    assert page.wrong == []

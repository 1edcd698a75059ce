"""Write a run's report: one page that needs no network, and its pictures as files."""

from __future__ import annotations

import importlib.resources
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import dig_framework
from dig_framework.atomic_files import write_atomic
from dig_framework.errors import DigError
from dig_framework.report.agreement import Agreement, agreements
from dig_framework.report.grasp_pictures import grasp_pictures
from dig_framework.report.grasp_sections import execution_section, grasp_section
from dig_framework.report.input_pictures import input_pictures, segmentation_pictures
from dig_framework.report.overview import header, objects_section, title
from dig_framework.report.picture import Picture
from dig_framework.report.record_sections import record_section, times_section
from dig_framework.report.run_record import RunRecord, StageRun, read_run
from dig_framework.report.scene_pictures import rendered, scene_pictures
from dig_framework.report.scene_view import view_section
from dig_framework.report.stage_sections import input_section, stage_section
from dig_framework.report.uncertainty_pictures import uncertainty_pictures
from dig_framework.report.uncertainty_section import uncertainty_section
from dig_framework.report.view_data import view_data
from dig_framework.report.window import Window

_SCENE_STAGES = ("initialize", "fit", "deform")
_LINKS = {
    "scene": "Scene",
    "objects": "Objects",
    "input": "Input",
    "segment": "Segment",
    "initialize": "Initialize",
    "fit": "Fit",
    "deform": "Deform",
    "uncertainty": "Uncertainty",
    "grasp": "Grasps",
    "execute": "Execution",
    "times": "Times",
    "record": "Settings",
}


def write_report(run_directory: Path) -> Path:
    """Write `report.html` and `pictures/` into a run directory, from its files alone, and return the page's path.

    Whatever is absent, because a stage was left out or failed, is said on the page.
    """
    run = read_run(run_directory)
    report = _Report(run)
    shutil.rmtree(run_directory / "pictures", ignore_errors=True)
    for picture in report.pictures():
        picture.write(run_directory / "pictures")
    page = run_directory / "report.html"
    write_atomic(page, report.page())
    return page


class _Report:
    """Everything on the page, made once."""

    def __init__(self, run: RunRecord) -> None:
        self.run = run
        self.input: list[Picture] = []
        self.stages: dict[str, list[Picture]] = {}
        self.remarks: dict[str, str] = {}
        self.agreements: dict[str, Sequence[Agreement]] = {}
        self._draw_grasps()
        if run.observation is not None:
            window = Window.around_boxes(run.observation)
            self.input = input_pictures(run.observation)
            if run.segmentation is not None:
                self.stages["segment"] = segmentation_pictures(run.observation, run.segmentation, window)
            for name in _SCENE_STAGES:
                self._look_at(run.stage(name), window)
            self._draw_uncertainty(window)

    def _look_at(self, stage: StageRun, window: Window) -> None:
        """Render a stage's scene and compare it with the image."""
        observation, segmentation = self.run.observation, self.run.segmentation
        if observation is None or stage.scene is None or not stage.scene.objects:
            return
        try:
            render = rendered(stage.scene, observation.camera)
        except DigError as error:
            self.remarks[stage.name] = f"The scene cannot be drawn: {error}"
            return
        self.stages[stage.name] = scene_pictures(stage.name, observation, segmentation, stage.scene, render, window)
        if segmentation is not None:
            self.agreements[stage.name] = agreements(observation, segmentation, stage.scene, render)

    def _draw_uncertainty(self, window: Window) -> None:
        observation, scene = self.run.observation, self.run.stage("uncertainty").scene
        if observation is None or scene is None:
            return
        try:
            self.stages["uncertainty"] = uncertainty_pictures("uncertainty", observation, scene, window)
        except DigError as error:
            self.remarks["uncertainty"] = f"The samples cannot be drawn: {error}"

    def _draw_grasps(self) -> None:
        scene, grasping = self.run.scene, self.run.grasping
        if scene is None or grasping is None or not grasping.trials:
            return
        try:
            self.stages["grasp"] = grasp_pictures(scene, grasping.trials, self.run.hand)
        except DigError as error:
            self.remarks["grasp"] = f"The grasps cannot be drawn: {error}"

    def pictures(self) -> list[Picture]:
        return [*self.input, *(picture for pictures in self.stages.values() for picture in pictures)]

    def page(self) -> str:
        view = view_data(self.run)
        return Template(_file("page.html")).substitute(
            version=dig_framework.__version__,
            title=title(self.run.folder),
            style=_file("style.css"),
            body=self._body(view),
            view=_embedded(view),
            script=_file("viewer.js"),
        )

    def _body(self, view: Mapping[str, Any]) -> str:
        links = "".join(f'<li><a href="#{name}">{text}</a></li>' for name, text in _LINKS.items())
        parts = [
            view_section(view),
            objects_section(self.run, self.agreements),
            input_section(self.run, self.input),
            *(
                stage_section(self.run.stage(name), self.stages.get(name, []), self.remarks.get(name))
                for name in ("segment", *_SCENE_STAGES)
            ),
            uncertainty_section(self.run, self.stages.get("uncertainty", []), self.remarks.get("uncertainty")),
            grasp_section(self.run, self.stages.get("grasp", []), self.remarks.get("grasp")),
            execution_section(self.run),
            times_section(self.run),
            record_section(self.run),
        ]
        main = "\n".join(parts)
        foot = f"<footer>Written by dig_framework {dig_framework.__version__}. This page needs no network.</footer>"
        return f'{header(self.run)}\n<nav aria-label="Parts"><ul>{links}</ul></nav>\n<main>\n{main}\n</main>\n{foot}'


def _embedded(value: Any) -> str:
    """Return JSON that no text in it can break out of its script element."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("</", "<\\/").replace("<!--", "<\\u0021--")


def _file(name: str) -> str:
    return importlib.resources.files("dig_framework.report").joinpath("page", name).read_text("utf-8")

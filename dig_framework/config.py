"""Everything a pipeline needs to know besides its input."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dig_framework.abilities import check_schedule
from dig_framework.evidence import SensorNoise
from dig_framework.grasp import ParallelJaw
from dig_framework.interfaces import (
    Deformation,
    Detector,
    Policy,
    Renderer,
    Robot,
    Schedule,
    Segmenter,
    Shape,
    Simulator,
)
from dig_framework.objective import ObjectiveSettings
from dig_framework.uncertainty.settings import UncertaintySettings
from dig_framework.yaml_files import format_yaml


def _defaults(model: type[BaseModel], description: str) -> Any:
    return Field(default_factory=partial(model.model_validate, {}), description=description)


class PipelineConfig(BaseModel):
    """Which component does each stage, with which settings; plain data, so that YAML repeats a run.

    A component that may be null leaves out the stages that need it. `read_config` makes one from a preset or file.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, serialize_by_alias=True, validate_by_name=True
    )

    schema_version: Literal[1] = Field(default=1, alias="schema", description="Version of this format")
    name: str = Field(default="pipeline", min_length=1, description="Names run directories; changes no result")
    seed: int = Field(default=0, ge=0, description="Seed of everything random in every component")
    noise: SensorNoise = Field(
        default_factory=partial(SensorNoise.model_validate, {}),
        description="What the depth camera's noise is taken to be, by every component",
    )
    detector: Detector = Field(description="Finds the boxes; 'given' takes those of the input")
    segmenter: Segmenter = Field(description="Turns boxes into masks")
    shape: Shape = Field(description="Closes each object's surface to start the fit from")
    texture: bool = Field(
        default=True, description="Whether meshes take their colours from the image, or one for each object"
    )
    renderer: Renderer = Field(description="Draws the scene inside the fit")
    objective: ObjectiveSettings = Field(
        default_factory=partial(ObjectiveSettings.model_validate, {}), description="What the fit compares, and how"
    )
    fit_schedule: Schedule | None = Field(description="Order in which poses, materials and lights are fitted")
    deformation: Deformation | None = Field(description="How meshes may change their form")
    deform_schedule: Schedule | None = Field(description="Order in which the deformation is fitted")
    uncertainty: UncertaintySettings | None = Field(
        default=None, description="How surfaces that the image leaves possible are sampled"
    )
    hand: ParallelJaw = _defaults(ParallelJaw, "The gripper: grasps are proposed for it, tried and carried out with it")
    policy: Policy | None = Field(description="Proposes grasps")
    simulator: Simulator | None = Field(description="Tries grasps")
    robot: Robot | None = Field(default=None, description="Carries the best grasp out")

    @model_validator(mode="after")
    def _abilities(self) -> PipelineConfig:
        for stage, schedule in (("fit", self.fit_schedule), ("deform", self.deform_schedule)):
            if schedule is not None:
                check_schedule(stage, schedule, self.renderer)
        return self

    def to_yaml(self) -> str:
        """Return the complete config as YAML; reading it gives an equal config."""
        return format_yaml(self.model_dump(mode="json"))

    def with_settings(self, changes: Mapping[str, Any]) -> PipelineConfig:
        """Return a copy with some fields replaced, components by instance, name or mapping.

        Raises:
            pydantic.ValidationError: If a value does not fit its field.
        """
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return PipelineConfig.model_validate({**fields, **changes})

"""How a fit compares."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ObjectiveSettings(BaseModel):
    """How images and surfaces are compared; where the published method differs, its choice is named."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    normalisation: Literal["mask", "image"] = Field(
        default="mask", description="Divide an object's image terms by its mask's area, or by the image's as published"
    )
    depth: Literal["robust", "absolute"] = Field(
        default="robust", description="Compare depth robustly in units of its noise, or by absolute metres as published"
    )
    robust_scale: float = Field(default=4.0, gt=0, description="Depth error at which its pull is strongest [sigma]")
    free_margin: float = Field(default=3.0, ge=0, description="What may stand in front of measured depth [sigma]")
    edge_step: float = Field(default=0.012, gt=0, description="Step between neighbours that makes a depth edge [m]")
    ignore_occluded: bool = Field(
        default=True, description="Leave out pixels where something nearer may hide the object; published: no"
    )
    region_margin: float = Field(default=0.15, ge=0, description="Window around all masks, beyond their size [ratio]")
    contact_scale: float = Field(default=0.002, gt=0, description="Typical error of a height above the plane [m]")
    contact_reach: float = Field(default=0.015, ge=0, description="What starts so near the plane rests on it [m]")
    anchor_scale: float = Field(default=0.01, gt=0, description="Typical error of the start's hidden side [m]")
    barrier_sharpness: float = Field(default=30.0, gt=0, description="Steepness of the barrier, as published [1]")
    slide: bool = Field(default=False, description="Objects move only along their camera rays, as published")

"""Settings of what is believed besides the best mesh."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class UncertaintySettings(BaseModel):
    """How surfaces may differ from the best one, before looking and after.

    The spreads were set so that intervals of 90 % hold the truth in about that share of views of household objects.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    samples: int = Field(default=12, ge=1, description="Surfaces that are kept")
    draws: int = Field(default=256, ge=16, description="Surfaces from which intervals are taken")
    place: float = Field(default=0.1, gt=0, description="Spread of the place before looking, as a share of the radius")
    form: float = Field(default=0.1, gt=0, description="The same for each entry of the linear part of the deformation")
    bend: float = Field(default=0.05, gt=0, description="The same for each entry of its quadratic part")
    rounding: float = Field(
        default=0.03, ge=0, description="How much longer an extent may be at an end that is seen, as a share of it"
    )
    unseen: float = Field(default=0.1, ge=0, description="What is added to `rounding` at an end that is not seen")
    surface: float = Field(
        default=0.003, gt=0, description="How far the visible surface is off, besides the sensor's noise [m]"
    )
    table: float = Field(default=0.003, gt=0, description="How far the table is off [m]")
    outline: float = Field(default=1.5, gt=0, description="How far the silhouette is off [px]")
    looks: float = Field(
        default=25.0, gt=0, description="Independent witnesses that the visible surface counts for; so the outline does"
    )
    reject: float = Field(
        default=0.05, gt=0, description="Mean contradiction that makes a surface e times less likely, 1 for 10 mm"
    )
    doubt: float = Field(
        default=0.15, gt=0, description="The same for the length of what an occluder hides, whose direction is a guess"
    )
    longest: float = Field(default=2.2, ge=1, description="Largest ratio of an extent to its visible part")

"""Images with known truth."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from dig_framework.component import Component
from dig_framework.ground_truth import Sample


class Dataset(Component):
    """Named images with truth; nothing but names is read before an image is asked for."""

    slot: ClassVar[str] = "dataset"
    layout: ClassVar[str] = ""
    """How a folder must look that its setting `path` may name: one of `dig_framework.testing.MINIATURES`, of which the
    suite writes one to check it, or nothing."""
    obtain: ClassVar[str] = ""
    """Where one gets the data and how its folder looks, in a sentence or two; shown when it is not there."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all images, in a fixed order.

        Raises:
            InputError: If the data is not there; says how to obtain it.
        """

    @abstractmethod
    def sample(self, name: str) -> Sample:
        """Return one image and its truth.

        Raises:
            InputError: If there is no such image, or a file of it is missing, cut off or not what it should be; names
                the file.
        """

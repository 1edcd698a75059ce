import pytest
from pydantic import BaseModel, ValidationError
from tiny_pipeline import TinyRenderer, TinySegmenter, TinyShape

from dig_framework.builtin.launcher_local import LocalProcesses
from dig_framework.interfaces import Launcher, Segmenter


class Holder(BaseModel):
    launcher: Launcher | None = None
    segmenter: Segmenter | None = None


@pytest.mark.parametrize(
    "given",
    [
        LocalProcesses(workers=3),
        {"type": "local", "workers": 3},
        {"type": "dig_framework.builtin.launcher_local:LocalProcesses", "workers": 3},
    ],
)
def test_a_slot_takes_instances_names_and_classes(given):
    assert Holder.model_validate({"launcher": given}).launcher == LocalProcesses(workers=3)


def test_a_name_alone_means_default_settings():
    assert Holder.model_validate({"launcher": "local"}).launcher == LocalProcesses()


def test_saved_settings_are_complete_and_read_back():
    held = Holder(launcher=LocalProcesses(workers=3), segmenter=TinySegmenter(grow=2))
    saved = held.model_dump(mode="json")
    assert saved == {
        "launcher": {"type": "local", "workers": 3, "interval": 0.02},
        "segmenter": {"type": "tiny_pipeline:TinySegmenter", "grow": 2},
    }
    assert Holder.model_validate(saved) == held


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("lokal", "no launcher is called 'lokal'. Did you mean 'local'? Installed: inline, local."),
        (3, "a launcher is a name or a mapping with 'type', not 3"),
        ({"workers": 3}, "a launcher is a name or a mapping with 'type', not {'workers': 3}"),
        (TinyRenderer(), "wants a launcher, but TinyRenderer is a renderer"),
    ],
)
def test_what_does_not_fit_is_explained(given, text):
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"launcher": given})
    assert str(caught.value.errors()[0]["ctx"]["error"]) == text


def test_an_error_in_settings_keeps_its_place():
    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"segmenter": {"type": "tiny_pipeline:TinySegmenter", "grow": 9}})
    assert caught.value.errors()[0]["loc"] == ("segmenter", "grow")


def test_components_are_frozen_and_equal_by_settings():
    shape = TinyShape(size=0.1)
    assert shape == TinyShape(size=0.1) != TinyShape(size=0.2)
    with pytest.raises(ValidationError):
        setattr(shape, "size", 1.0)  # noqa: B010

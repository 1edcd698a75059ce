"""Scenes under a light that nobody has seen them in."""

import dataclasses

import pytest
import torch
from scene_folders import perfect

from dig_framework.evaluation.relighting import relight_scores
from dig_framework.light import DirectionalLight
from dig_framework.material import Material
from dig_framework.testing.miniature_views import miniature_sample


@pytest.fixture(scope="module")
def sample():
    """A view whose true looks are known."""
    view = miniature_sample("view")
    looks = [Material.matte(torch.tensor(color)) for color in ((0.7, 0.2, 0.2), (0.2, 0.6, 0.3), (0.3, 0.3, 0.7))]
    objects = tuple(item.replace(material=look) for item, look in zip(view.truth.objects, looks, strict=False))
    light = DirectionalLight(torch.tensor([0.4, -1.0, -0.3]), torch.ones(3))
    return view.replace(truth=view.truth.replace(objects=objects, lights=(light,)))


def scene_with(sample, change):
    scene = perfect(sample)
    objects = tuple(
        item.replace(material=change(truth.material))
        for item, truth in zip(scene.objects, sample.truth.objects, strict=True)
    )
    return scene.replace(objects=objects)


def scores(sample, scene):
    return [found["relight_psnr"] for found in relight_scores(scene, sample.truth, sample.observation)]


def test_the_truth_is_as_good_as_it_can_be(sample):
    assert min(scores(sample, scene_with(sample, lambda look: look))) > 60


def test_how_bright_all_of_a_scene_is_does_not_matter(sample):
    dimmed = scene_with(sample, lambda look: look.replace(color=0.5 * look.color))
    assert min(scores(sample, dimmed)) > 60


def test_wrong_colours_cost(sample):
    turned = scores(sample, scene_with(sample, lambda look: look.replace(color=look.color.flip(0))))
    grey = scores(sample, scene_with(sample, lambda look: look.replace(color=look.color.mean().expand(3))))
    assert max(turned) < 25
    assert max(turned) < min(scores(sample, scene_with(sample, lambda look: look)))
    assert max(grey) < 30


def test_without_true_looks_there_is_no_score(sample):
    bare = tuple(dataclasses.replace(item, material=None) for item in sample.truth.objects)
    truth = sample.truth.replace(objects=bare)
    assert relight_scores(perfect(sample), truth, sample.observation) == [{} for _ in sample.observation.boxes]

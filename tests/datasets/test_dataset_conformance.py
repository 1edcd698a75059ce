"""Built-in datasets against the suite, and wrong ones that the suite must refuse."""

from contextlib import ExitStack

import pytest
import torch

from dig_framework.builtin.dataset_bop import BopDataset
from dig_framework.builtin.dataset_clevr_pose import ClevrPoseDataset
from dig_framework.builtin.dataset_fewsol import FewsolDataset
from dig_framework.builtin.dataset_folder import FolderDataset
from dig_framework.builtin.dataset_moped import MopedDataset
from dig_framework.interfaces.dataset import Dataset
from dig_framework.pose import Pose
from dig_framework.testing.dataset_conformance import DatasetConformance
from dig_framework.testing.miniature_videos import write_fewsol
from dig_framework.testing.miniature_views import miniature_sample


class Written(DatasetConformance):
    """Reads the miniature of its layout."""

    reader: type[Dataset]

    @classmethod
    def setup_class(cls):
        cls.files = ExitStack()
        cls.component = cls.reader(**cls.files.enter_context(cls.inputs(cls.reader)))

    @classmethod
    def teardown_class(cls):
        cls.files.close()


class TestFolderDataset(Written):
    reader = FolderDataset


class TestBopDataset(Written):
    reader = BopDataset


class TestFewsolDataset(Written):
    reader = FewsolDataset


class TestClevrPoseDataset(Written):
    reader = ClevrPoseDataset


class TestMopedDataset(Written):
    reader = MopedDataset


def test_synthetic_objects_of_fewsol_have_meshes(tmp_path):
    written = write_fewsol(tmp_path, "synthetic_objects")
    dataset = FewsolDataset(path=tmp_path, part="synthetic_objects")
    assert dataset.names() == [sample.name for sample in written]
    found, expected = dataset.sample(written[1].name).truth.objects[0], written[1].truth.objects[0]
    assert found.label == "ball"
    assert torch.allclose(found.posed().vertices, expected.posed().vertices, atol=1e-6)


class Behind(Dataset):
    """Wrong: objects are behind the camera."""

    def names(self):
        return ["a"]

    def sample(self, name):
        sample = miniature_sample(name)
        behind = tuple(
            item.replace(pose=Pose(-item.pose.translation, item.pose.rotation)) for item in sample.truth.objects
        )
        return type(sample)(name, sample.observation, sample.truth.replace(objects=behind))


class Apart(Behind):
    """Wrong: objects are where their boxes are not."""

    def sample(self, name):
        sample = miniature_sample(name)
        first, second = sample.truth.objects
        swapped = (first.replace(index=1), second.replace(index=0))
        return type(sample)(name, sample.observation, sample.truth.replace(objects=swapped))


class Twice(Behind):
    """Wrong: a name is there twice."""

    def names(self):
        return ["a", "a"]


@pytest.mark.parametrize(
    ("wrong", "check", "reason"),
    [
        (Behind, "test_truth", "is behind the camera"),
        (Apart, "test_truth_is_where_the_box_is", "but its box is"),
        (Twice, "test_names", "a name is there twice"),
        (Behind, "test_unknown_name", "nothing was refused"),
    ],
)
def test_the_suite_refuses(wrong, check, reason):
    suite = DatasetConformance()
    suite.component = wrong()
    with pytest.raises(AssertionError, match=reason):
        getattr(suite, check)()

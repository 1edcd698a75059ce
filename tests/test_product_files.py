import pytest
import torch

from dig_framework.atomic_files import read_json, write_json
from dig_framework.errors import InputError
from dig_framework.execution_files import load_execution, save_execution
from dig_framework.grasp import Grasp, Trial
from dig_framework.grasp_files import load_grasping, save_grasping
from dig_framework.interfaces import FitStep, Plan, Waypoint
from dig_framework.loss_files import save_losses
from dig_framework.material import Material
from dig_framework.plane import Plane
from dig_framework.pose import Pose
from dig_framework.scene import Failure
from dig_framework.segmentation_files import load_segmentation, save_segmentation
from dig_framework.stages.execution import Execution
from dig_framework.stages.grasping import Grasping
from dig_framework.stages.segmentation import Segmentation

FAILURE = Failure("mug", 1, "segment", "it is not there.")


def same(first, second):
    ours, theirs = first.tensors(), second.tensors()
    return list(ours) == list(theirs) and all(
        torch.equal(ours[name], theirs[name]) and ours[name].dtype == theirs[name].dtype for name in ours
    )


def trial(dtype=torch.float32):
    pose = Pose(torch.tensor([0.1, -0.2, 0.6]), torch.tensor([0.3, 2.0, -1.0])).matrix().to(dtype)
    return Trial(Grasp(2, pose, 0.061, 0.09), True, 1 / 3, "held", {"slip_m": 1e-3})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_grasps_come_back_to_the_bit(tmp_path, dtype):
    grasping = Grasping((trial(dtype), trial(dtype).replace(success=False, reason="missed")), (FAILURE,))
    save_grasping(grasping, tmp_path)
    again = load_grasping(tmp_path)
    assert same(grasping, again)
    for old, new in zip(grasping.trials, again.trials, strict=True):
        assert (old.success, old.score, old.reason, old.measures) == (new.success, new.score, new.reason, new.measures)
        assert (old.grasp.object_index, old.grasp.width) == (new.grasp.object_index, new.grasp.width)
    assert again.failures == (FAILURE,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_executions_come_back_with_an_unbroken_seal(tmp_path, dtype):
    joints = torch.linspace(-1, 1, 6, dtype=dtype) / 3
    plan = Plan("arm", trial(dtype).grasp, (Waypoint("start", joints, 0.08, 0.0), Waypoint("lift", -joints, 0.0, 2.5)))
    execution = Execution(plan.sealed(), trial(dtype), "It was carried out.")
    save_execution(execution, tmp_path)
    again = load_execution(tmp_path)
    assert same(execution, again)
    assert again.plan is not None
    assert again.plan.digest() == again.plan.seal == plan.digest()
    assert again.reason == execution.reason


def test_an_execution_of_nothing(tmp_path):
    save_execution(Execution(None, None, "No grasp holds."), tmp_path)
    again = load_execution(tmp_path)
    assert (again.plan, again.trial, again.reason) == (None, None, "No grasp holds.")


def test_segmentations_come_back_to_the_bit(tmp_path):
    masks = torch.rand(2, 5, 7, generator=torch.Generator().manual_seed(0)) > 0.5
    normal = torch.nn.functional.normalize(torch.tensor([0.1, -0.7, -0.6]), dim=0)
    plane = Plane(normal, torch.tensor(0.71), Material.matte(torch.tensor([0.1, 0.2, 0.3])))
    for segmentation in (Segmentation(masks, plane, (FAILURE,)), Segmentation(masks[:0], None)):
        save_segmentation(segmentation, tmp_path)
        again = load_segmentation(tmp_path)
        assert same(segmentation, again)
        assert again.failures == segmentation.failures


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda values: values.pop("trials"), "has no 'trials'"),
        (lambda values: values["trials"][0].pop("score"), "trial 0: has no 'score'"),
        (lambda values: values["trials"][0]["grasp"].update(dtype="int8"), "trial 0: grasp: dtype is 'int8'; give"),
        (lambda values: values["trials"][0]["grasp"].update(width="wide"), "trial 0: grasp: width is 'wide'; give"),
    ],
)
def test_broken_files_name_the_place(tmp_path, change, text):
    save_grasping(Grasping((trial(),)), tmp_path)
    values = read_json(tmp_path / "grasps.json")
    change(values)
    write_json(tmp_path / "grasps.json", values)
    with pytest.raises(InputError) as caught:
        load_grasping(tmp_path)
    assert text in str(caught.value)


def test_loss_curves_leave_out_what_a_phase_did_not_compare(tmp_path):
    steps = [FitStep("light", 1, 2, 0.5, {"rgb": 0.25}), FitStep("pose", 1, 9, 0.1, {"depth": 0.1, "rgb": 1.0})]
    save_losses(steps, tmp_path / "loss.csv")
    assert (tmp_path / "loss.csv").read_text().splitlines() == [
        "iteration,phase,step,loss,rgb,depth",
        "1,light,1,0.5,0.25,",
        "2,pose,1,0.1,1.0,0.1",
    ]

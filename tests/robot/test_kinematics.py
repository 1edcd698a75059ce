import math

import numpy as np
import pytest
import torch

from dig_framework.errors import InputError, ReachError
from dig_framework.kinematics.base_placement import base_in_front
from dig_framework.kinematics.joint_limits import check_limits, check_singularity, nearest_turn
from dig_framework.kinematics.motion import followed, interpolated, straight_line
from dig_framework.kinematics.ur import UR_ARMS, UR_LIMITS, ur_inverse, ur_reach, wrapped
from dig_framework.testing.solids import box_mesh
from dig_framework.testing.tabletop import table_object, table_scene, translation

ARMS = sorted(UR_ARMS)


def angles(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_stretched_ur5_is_the_sum_of_its_lengths():
    """x = a2 + a3, y = -(d4 + d6), z = d1 - d5, with Universal Robots' published lengths."""
    flange = UR_ARMS["ur5"].frames(torch.zeros(6, dtype=torch.float64))[-1]
    expected = [-0.425 - 0.39225, -0.10915 - 0.0823, 0.089159 - 0.09465]
    np.testing.assert_allclose(flange[:3, 3], expected, atol=1e-15)
    np.testing.assert_allclose(flange[:3, :3], [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-15)


def test_upright_ur5e_points_its_tool_down():
    """With the upper arm up and the forearm level: x = -a3 + d5, y = -d4, z = d1 - a2 - d6."""
    joints = angles(0, -math.pi / 2, -math.pi / 2, -math.pi / 2, math.pi / 2, 0)
    flange = UR_ARMS["ur5e"].frames(joints)[-1]
    np.testing.assert_allclose(flange[:3, 3], [0.3922 + 0.0997, -0.1333, 0.1625 + 0.425 - 0.0996], atol=1e-12)
    np.testing.assert_allclose(flange[:3, 2], [0, 0, -1], atol=1e-12)


@pytest.mark.parametrize("name", ARMS)
def test_pan_turns_everything(name):
    arm, joints = UR_ARMS[name], angles(0.3, -1.2, 1.1, 0.4, -0.7, 0.9)
    turned = joints + angles(0.8, 0, 0, 0, 0, 0)
    c, s = math.cos(0.8), math.sin(0.8)
    turn = np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    np.testing.assert_allclose(arm.frames(turned)[-1], turn @ arm.frames(joints)[-1].numpy(), atol=1e-14)


@pytest.mark.parametrize("name", ARMS)
def test_frames_of_a_batch_are_those_of_its_rows(name):
    batch = torch.rand(4, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    rows = torch.stack([UR_ARMS[name].frames(row) for row in batch])
    torch.testing.assert_close(UR_ARMS[name].frames(batch), rows, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", ARMS)
def test_jacobian_is_the_derivative(name):
    arm, joints = UR_ARMS[name], angles(0.3, -1.2, 1.1, 0.4, -0.7, 0.9)
    flange = arm.frames(joints)[-1]
    slopes = torch.autograd.functional.jacobian(lambda q: arm.frames(q)[-1][:3], joints)
    skew = torch.einsum("ijq,kj->ikq", slopes[:, :3], flange[:3, :3])
    turning = torch.stack([skew[2, 1], skew[0, 2], skew[1, 0]])
    found = arm.jacobian(joints, flange[:3, 3])
    torch.testing.assert_close(found, torch.cat([slopes[:, 3], turning]), rtol=0, atol=1e-13)
    assert torch.autograd.gradcheck(lambda q: arm.frames(q)[-1], joints.requires_grad_())


@pytest.mark.parametrize("name", ARMS)
def test_generic_pose_has_eight_solutions(name):
    arm, joints = UR_ARMS[name], angles(0.4, -1.1, 1.3, -0.9, 1.2, 0.5)
    pose = arm.frames(joints)[-1]
    found = ur_inverse(arm, pose)
    assert found.shape == (8, 6)
    assert float((arm.frames(found)[:, -1] - pose).abs().max()) < 1e-13
    apart = [float(wrapped(a - b).abs().max()) for i, a in enumerate(found) for b in found[:i]]
    assert min(apart) > 0.1


def test_solutions_agree_with_descent_from_many_starts():
    """Newton's method from random starts finds nothing that the closed form lacks."""
    arm, generator = UR_ARMS["ur5e"], torch.Generator().manual_seed(3)
    pose = arm.frames(angles(0.4, -1.1, 1.3, -0.9, 1.2, 0.5))[-1]
    known, reached = ur_inverse(arm, pose), 0
    for _ in range(12):
        joints = (torch.rand(6, generator=generator, dtype=torch.float64) * 2 - 1) * math.pi
        for _ in range(25):
            now = arm.frames(joints)[-1]
            turn = pose[:3, :3] @ now[:3, :3].mT
            twist = torch.stack([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]]) / 2
            error = torch.cat([pose[:3, 3] - now[:3, 3], twist])
            step = torch.linalg.lstsq(arm.jacobian(joints, now[:3, 3]), error).solution
            joints = joints + step.clamp(-0.5, 0.5)
        if float((arm.frames(joints)[-1] - pose).abs().max()) < 1e-10:
            reached += 1
            assert float(wrapped(known - joints).abs().amax(1).min()) < 1e-7
    assert reached >= 3


def test_stretched_and_folded_wrist_solutions_are_exact():
    arm = UR_ARMS["ur5e"]
    for elbow, wrist in ((0.0, 0.0), (0.0, math.pi), (1e-9, 1e-9), (1.0, 0.0)):
        pose = arm.frames(angles(0.2, -0.7, elbow, 0.3, wrist, -0.4))[-1]
        found = ur_inverse(arm, pose)
        assert len(found) > 0
        assert float((arm.frames(found)[:, -1] - pose).abs().max()) < 1e-9


def test_beyond_reach_and_inside_the_shoulder():
    arm, pose = UR_ARMS["ur5"], torch.eye(4, dtype=torch.float64)
    pose[0, 3] = ur_reach(arm) + 0.01
    assert len(ur_inverse(arm, pose)) == 0
    # The wrist cannot come nearer to the first axis than d4.
    pose[:3, 3] = angles(0.05, 0.0, 0.5)
    assert len(ur_inverse(arm, pose)) == 0


@pytest.mark.parametrize("name", ARMS)
def test_reach_is_never_exceeded(name):
    joints = (torch.rand(500, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1) * math.pi
    shoulder = angles(0, 0, UR_ARMS[name].d[0])
    assert float((UR_ARMS[name].frames(joints)[:, -1, :3, 3] - shoulder).norm(dim=1).max()) <= ur_reach(UR_ARMS[name])


def test_rounded_pose_is_put_right_and_nonsense_refused():
    arm = UR_ARMS["ur5e"]
    pose = arm.frames(angles(0.4, -1.1, 1.3, -0.9, 1.2, 0.5))[-1]
    assert len(ur_inverse(arm, pose.float())) == 8
    with pytest.raises(InputError, match="not rigid"):
        ur_inverse(arm, pose * 1.1)
    with pytest.raises(InputError, match="not finite"):
        ur_inverse(arm, pose * math.nan)


def test_limits_name_joint_angle_and_limit():
    check_limits(torch.zeros(6), UR_LIMITS, 0.1, "here")
    with pytest.raises(ReachError, match=r"here: joint 'elbow' would be at 3\.100 rad; its limit is 3\.142 rad"):
        check_limits(angles(0, 0, 3.1, 0, 0, 0), UR_LIMITS, 0.1, "here")
    with pytest.raises(ReachError, match=r"'wrist_3' would be at -6\.500 rad; its limit is -6\.283 rad"):
        check_limits(angles(0, 0, 0, 0, 0, -6.5), UR_LIMITS, 0.0, "here")
    with pytest.raises(ReachError, match="'shoulder_pan' would be at nan"):
        check_limits(angles(math.nan, 0, 0, 0, 0, 0), UR_LIMITS, 0.0, "here")


def test_singularities_are_named():
    check_singularity(angles(0, 0, 1, 0, 1, 0), 0.05, "here")
    for joints, name in ((angles(0, 0, 0.01, 0, 1, 0), "elbow"), (angles(0, 0, 1, 0, 3.13, 0), "wrist_2")):
        with pytest.raises(ReachError, match=rf"joint '{name}' at .* from a singularity"):
            check_singularity(joints, 0.05, "here")


def test_nearest_turn_keeps_direction_and_limits():
    turned = nearest_turn(angles(3.0, 0, 3.0, 0, 0, 3.0), angles(-3.0, 0, -3.0, 0, 0, 6.0), UR_LIMITS, 0.1)
    np.testing.assert_allclose(turned, [3.0 - 2 * math.pi, 0, 3.0, 0, 0, 3.0], atol=1e-12)


def test_lines_and_paths():
    start, end = np.eye(4), np.eye(4)
    end[:3, 3] = [0.0, 0.0, 0.05]
    line = straight_line(start, end, 0.02)
    np.testing.assert_allclose([pose[2, 3] for pose in line], [0.05 / 3, 0.1 / 3, 0.05])
    path = interpolated(torch.zeros(2), torch.tensor([0.3, -0.1]))
    assert float(path.diff(dim=0).abs().max()) <= 0.05 + 1e-6
    assert followed(torch.zeros(1), line, lambda pose: []) is None
    assert followed(torch.zeros(1), line, lambda pose: [torch.tensor([2.0])]) is None
    near = followed(torch.zeros(1), line, lambda pose: [torch.tensor([2.0]), torch.tensor([0.1])])
    assert [float(joints) for joints in near] == pytest.approx([0.1] * 3)


def test_base_stands_on_the_plane_in_front_of_the_objects():
    box = table_object(0, box_mesh(0.05, 0.05, 0.05, dtype=torch.float64), translation(0.1, 0.2, 0.025))
    scene = table_scene(box)
    base_from_scene = base_in_front(scene, 0.5)
    middle = base_from_scene @ [*box.pose.translation.double().tolist(), 1.0]
    np.testing.assert_allclose(middle[:3], [0.5, 0.0, 0.025], atol=1e-6)
    np.testing.assert_allclose(base_from_scene[:3, :3] @ scene.plane.normal.numpy(), [0, 0, 1], atol=1e-9)
    camera = base_from_scene[:3, 3]
    assert camera[0] < middle[0]

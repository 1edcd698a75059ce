from dig_framework.builtin.robot_dry_run import DryRun
from dig_framework.testing.robot_conformance import RobotConformance


class TestUR5e(RobotConformance):
    component = DryRun()


class TestUR5(RobotConformance):
    component = DryRun(arm="ur5", distance=0.45)

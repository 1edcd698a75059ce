from dig_example.robot import ExampleRobot

from dig_framework.testing import RobotConformance


class TestExampleRobot(RobotConformance):
    component = ExampleRobot()
